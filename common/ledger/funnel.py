"""Whatever this process and its jobs print to the terminal, line by line, for a display to put above itself.

Jobs inherit the process's standard output and error. Were these the terminal itself, what jobs print would
run into the display; so both become a pipe for as long as there is a display.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from select import select
from threading import Event, Thread
from typing import TextIO

_STREAMS = (1, 2)  # standard output, standard error
_CHUNK = 65536
_PATIENCE = 0.1  # seconds between looks at whether the funnel was closed


class Funnel:
    """Standard output and error, where they are a terminal, led to a function instead.

    `show` gets whole lines, without their ends. What isn't a terminal is left alone: a
    user may have sent it to a file.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._kept = {stream: os.dup(stream) for stream in _STREAMS if os.isatty(stream)}
        self._source, drain = os.pipe()
        self._closing = Event()
        _flush()
        for stream in self._kept:
            os.dup2(drain, stream)
        os.close(drain)
        self._reader = Thread(target=self._read, name="funnel", daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Give the terminal back, once all that was printed has been shown."""
        _flush()
        for stream, kept in self._kept.items():
            os.dup2(kept, stream)
        self._closing.set()
        self._reader.join()
        for descriptor in (self._source, *self._kept.values()):
            os.close(descriptor)

    def _read(self) -> None:
        """Show lines as they come; a line's beginning waits for its end, or for the end of all."""
        rest = b""
        while True:
            # A process that outlives its job may hold the pipe open, so its end isn't waited for.
            closing = self._closing.is_set()
            if not select([self._source], [], [], 0 if closing else _PATIENCE)[0]:
                if closing:
                    break
                continue
            chunk = os.read(self._source, _CHUNK)
            if not chunk:
                break
            whole, newline, rest = (rest + chunk).rpartition(b"\n")
            if newline:
                self._pass_on(whole)
        if rest:
            self._pass_on(rest)

    def _pass_on(self, lines: bytes) -> None:
        """Show lines; once that fails, write them as they are: a job whose pipe is full would wait."""
        try:
            self._show(lines.decode(errors="replace"))
        except Exception:
            self._show = self._write
            self._show(lines.decode(errors="replace"))

    def _write(self, lines: str) -> None:
        with suppress(OSError):
            os.write(next(iter(self._kept.values())), f"{lines}\n".encode())


def open_terminal() -> TextIO:
    """The terminal of standard error, whatever standard error becomes."""
    return os.fdopen(os.dup(2), "w")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
