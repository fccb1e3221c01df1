"""A fork of the server becomes the process that a client asked for."""

from __future__ import annotations

import atexit
import ctypes
import os
import runpy
import signal
import sys
import threading
from typing import IO, NoReturn

from common.warm_start.wire import Request

_OWN = ("common", "experiments", "papers", "tests", "__main__")
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(request: Request, imported: IO[bytes]) -> None:
    """Run the module as `python -m` does; names of others' modules that it imports go to `imported`."""
    # Without the server, nobody would hear how it ends.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for target, stream in enumerate(request.streams):
        os.dup2(stream, target)
        os.close(stream)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.surroundings)
    _reseed()
    known = set(sys.modules)
    atexit.register(lambda: _list_imports(known, imported))
    for name in [name for name in sys.modules if name.partition(".")[0] in _OWN]:
        if name != "__main__":
            del sys.modules[name]
    sys.path[0] = request.folder
    sys.argv[1:] = request.arguments[1:]
    try:
        runpy.run_module(request.arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
    _leave()


def _leave() -> NoReturn:
    """End well, as `multiprocessing` ends its forks: without taking all modules apart.

    That would write to each of their pages, and so copy what the fork shares with the server.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _reseed() -> None:
    """No two processes may share a global generator's state; Python's own is seeded anew by every fork."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _list_imports(known: set[str], imported: IO[bytes]) -> None:
    names = [
        name
        for name, module in sys.modules.items()
        if name not in known
        and name.partition(".")[0] not in _OWN
        and getattr(module, "__spec__", None) is not None
    ]
    imported.write("\n".join(names).encode())
    imported.close()
