"""A server on this machine that misbehaves as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler


@dataclass
class Server:
    """What the server serves, how it misbehaves, and what it was asked."""

    base: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: int | None = None  # the next answer ends after so many bytes, though it promised all
    honours_ranges: bool = True
    asked: list[str | None] = field(default_factory=list)  # the Range header of every request


def answer(handler: BaseHTTPRequestHandler, state: Server) -> None:
    wanted = handler.headers.get("Range")
    state.asked.append(wanted)
    data = state.files.get(handler.path.lstrip("/"))
    if data is None:
        handler.send_error(404)
        return
    start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and state.honours_ranges else 0
    if start >= len(data):
        handler.send_error(416)
        return
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Length", str(len(data) - start))
    handler.end_headers()
    end, state.cut_after = state.cut_after, None
    handler.wfile.write(data[start:] if end is None else data[start : start + end])
