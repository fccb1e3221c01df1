"""The server: forks a process per job, and imports for the next ones what a job has imported.

Only packages of others are imported here. A job imports the project's own modules itself, so that code that
was edited in the middle of a run is what its record says that it is.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass, field
from typing import IO

from common.warm_start.forked import become
from common.warm_start.wire import Request, accept, address, is_own, receive_request, send_status

# JAX runs threads from its import on, and a fork would hang on what they hold.
_NEVER = {"jax", "jaxlib", "flax", "optax", "orbax"}
_ASKING_TAKES = 5.0  # seconds at most


@dataclass(eq=False)
class _Child:
    """A forked job: its process, its client, and where it lists what it has imported."""

    process: int
    handle: int
    client: socket.socket
    imported: IO[bytes]


@dataclass
class Server:
    """Serves the clients of one Snakemake, whose process `snakemake` is a pidfd of."""

    listener: socket.socket
    snakemake: int
    events: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    children: list[_Child] = field(default_factory=list)
    declines: bool = False

    def serve(self) -> tuple[Request, IO[bytes]] | None:
        """In a fork: what it is to run, and where to list its imports. In the server: None, at its end."""
        self.events.register(self.listener, selectors.EVENT_READ)
        self.events.register(self.snakemake, selectors.EVENT_READ)
        serving = True
        while serving or self.children:
            for key, _ in self.events.select():
                if key.fileobj is self.listener:
                    task = self._accept()
                    if task is not None:
                        return task
                elif key.fileobj == self.snakemake:
                    serving = False
                    self.events.unregister(self.snakemake)
                elif key.data not in self.children:
                    pass  # buried a moment ago
                elif key.fileobj is key.data.client:
                    self._obey(key.data)
                else:
                    self._bury(key.data)
        return None

    def _accept(self) -> tuple[Request, IO[bytes]] | None:
        client, _ = self.listener.accept()
        client.settimeout(_ASKING_TAKES)
        request = receive_request(client) if is_own(client) else None
        if request is None or self.declines:
            client.close()
            _close(request.streams if request else [])
            return None
        imported = os.fdopen(os.memfd_create("imported"), "w+b")
        process = os.fork()
        if process == 0:
            self._let_go(client)
            return request, imported
        accept(client)
        _close(request.streams)
        child = _Child(process, os.pidfd_open(process), client, imported)
        self.children.append(child)
        self.events.register(child.client, selectors.EVENT_READ, child)
        self.events.register(child.handle, selectors.EVENT_READ, child)
        return None

    def _let_go(self, client: socket.socket) -> None:
        """In a fork: close what is the server's. A socket that two processes hold tells of neither's end."""
        self.events.close()
        os.close(self.snakemake)
        for held in (self.listener, client, *(child.client for child in self.children)):
            held.close()
        for child in self.children:
            os.close(child.handle)
            child.imported.close()

    def _obey(self, child: _Child) -> None:
        """Hand on the signals that the client got; a job doesn't outlive its client."""
        try:
            signals = child.client.recv(16)
        except OSError:
            signals = b""
        for number in signals or [signal.SIGKILL]:
            signal.pidfd_send_signal(child.handle, number)
        if not signals:
            self.events.unregister(child.client)

    def _bury(self, child: _Child) -> None:
        _, status = os.waitpid(child.process, 0)
        for watched in (child.client, child.handle):
            with contextlib.suppress(KeyError):  # the client went first
                self.events.unregister(watched)
        self.children.remove(child)
        with contextlib.suppress(OSError):
            send_status(child.client, os.waitstatus_to_exitcode(status))
        child.client.close()
        os.close(child.handle)
        with child.imported as listed:
            listed.seek(0)
            names = listed.read().decode().split()
        if status == 0:
            self._learn(names)

    def _learn(self, names: list[str]) -> None:
        """Import what the job had imported, in its order."""
        for name in names:
            if name not in sys.modules and name.partition(".")[0] not in _NEVER:
                # What can't be imported by its name alone is left to those that need it.
                with contextlib.suppress(Exception):
                    importlib.import_module(name)
        gc.freeze()  # what all forks share is not looked through, and so not copied, by each
        if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208
            print("A package runs threads, which a fork loses: jobs start the plain way from now on.")
            self.declines = True


def _close(streams: list[int]) -> None:
    for stream in streams:
        os.close(stream)


def main(name: str, snakemake: str) -> None:
    """Listen under `name` until the process `snakemake` has ended, and the last job."""
    # Arrow, which pandas and scikit-learn load, has an allocator with a thread; it uses another one.
    os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(address(name))
    except OSError:
        return  # another client's server was first
    listener.listen(64)
    try:
        handle = os.pidfd_open(int(snakemake))
    except ProcessLookupError:
        return
    task = Server(listener, handle).serve()
    if task is not None:
        become(*task)


if __name__ == "__main__":
    main(*sys.argv[1:])
