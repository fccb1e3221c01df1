"""`python -S -m common.warm_start MODULE ARGUMENT…`: run a module, forked from a server if there is one."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from typing import NoReturn

from common.warm_start.wire import VARIABLE, address, is_accepted, is_own, receive_status, send_request

_LOG = ".snakemake/log/warm_start.log"


def main(arguments: list[str]) -> NoReturn:
    """End as the module ends."""
    # What is imported in the server has settled on one thread.
    server = os.environ.get(VARIABLE, "").split() if os.environ.get("OMP_NUM_THREADS") == "1" else []
    connection = _request(arguments, *server) if len(server) == 2 else None
    if connection is None:
        os.execv(sys.executable, [sys.executable, "-m", *arguments])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: connection.sendall(bytes([number])))
    status = receive_status(connection)
    if status is None:
        sys.exit(f"error: the process that starts jobs has ended; {_LOG} may say why. Run again.")
    _end_as(status)


def _request(arguments: list[str], name: str, snakemake: str) -> socket.socket | None:
    """To a server that will meet the request; None where there is none."""
    connection = _connect(name, snakemake)
    if connection is None or not is_own(connection):
        return None
    try:
        send_request(connection, arguments)
    except ConnectionError:
        return None
    return connection if is_accepted(connection) else None


def _connect(name: str, snakemake: str) -> socket.socket | None:
    """To the server, which the first client starts; None where none can be had."""
    connection = _listening(name)
    if connection is None:
        server = _start_server(name, snakemake)
        while connection is None and os.waitpid(server, os.WNOHANG) == (0, 0):
            time.sleep(0.01)
            connection = _listening(name)
    # One that ended at once found another client's in its place.
    return connection or _listening(name)


def _listening(name: str) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address(name))
    except ConnectionRefusedError:
        connection.close()
        return None
    return connection


def _start_server(name: str, snakemake: str) -> int:
    """In a session of its own, so that Ctrl-C reaches jobs through their clients alone, and once."""
    from pathlib import Path  # it takes as long to import as all else here

    Path(_LOG).parent.mkdir(parents=True, exist_ok=True)
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, _LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    command = [sys.executable, "-m", "common.warm_start.server", name, snakemake]
    return os.posix_spawn(sys.executable, command, os.environ, file_actions=streams, setsid=True)


def _end_as(status: int) -> NoReturn:
    """Of the same signal as the module's process, or with its exit status."""
    if status < 0:
        if -status != signal.SIGKILL:  # which nothing can be said of
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status if status >= 0 else 128 - status)


main(sys.argv[1:])
