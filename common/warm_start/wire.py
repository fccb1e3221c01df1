"""What a client and the server say to each other, and how either knows that the other is the same user's."""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import NamedTuple

# Where the server listens and for whom: "<name> <process>"; without it, jobs start the plain way.
VARIABLE = "WARM_START"
_LENGTH = struct.Struct("!I")
_ACCEPTED = b"+"
_PEER = struct.Struct("3i")  # process, user, group: `struct ucred` of unix(7)


class Request(NamedTuple):
    """A module to run: with its arguments, the client's folder and surroundings, and its three streams."""

    arguments: list[str]
    folder: str
    surroundings: dict[str, str]
    streams: list[int]


def address(name: str) -> str:
    """Of Linux's abstract sockets, which are no files and end with their process."""
    return f"\0{name}"


def is_own(connection: socket.socket) -> bool:
    """Whether the other end belongs to this process's user, since anybody may name an abstract socket."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return bool(_PEER.unpack(peer)[1] == os.getuid())


def send_request(connection: socket.socket, arguments: list[str]) -> None:
    """Ask for a module to be run as if by this process."""
    folder = os.getcwd()  # noqa: PTH109 (pathlib takes as long to import as all else)
    text = json.dumps([arguments, folder, dict(os.environ)]).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(text))], [0, 1, 2])
    connection.sendall(text)


def receive_request(connection: socket.socket) -> Request | None:
    """None where the client went away while it asked."""
    head, streams, _, _ = socket.recv_fds(connection, _LENGTH.size, maxfds=3)
    text = connection.makefile("rb").read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
    if len(streams) < 3 or not text.endswith(b"]"):
        for stream in streams:
            os.close(stream)
        return None
    arguments, folder, surroundings = json.loads(text)
    return Request(arguments, folder, surroundings, streams)


def accept(connection: socket.socket) -> None:
    """Tell the client that its request will be met."""
    connection.sendall(_ACCEPTED)


def is_accepted(connection: socket.socket) -> bool:
    """False where the server ended before it came to this client."""
    try:
        return connection.recv(1) == _ACCEPTED
    except ConnectionError:
        return False


def send_status(connection: socket.socket, status: int) -> None:
    """Tell the client how its process ended: as `os.waitstatus_to_exitcode` has it, negative for a signal."""
    connection.sendall(struct.pack("!i", status))


def receive_status(connection: socket.socket) -> int | None:
    """None where the server ended first."""
    try:
        answer = connection.recv(4, socket.MSG_WAITALL)
    except ConnectionError:
        return None
    return int(struct.unpack("!i", answer)[0]) if len(answer) == 4 else None
