"""Checkpoints: what a job has got done, on disk, so that after a kill the next attempt goes on from there.

At most once in `INTERVAL` seconds something is written, so a shorter job writes nothing. Each file begins
with the hash of what follows: one that is half-written or damaged is never taken for whole. The folder's name
hashes all that the job's numbers hang on: nothing goes on under other code, settings, data or libraries.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from common.atomic import replacing
from common.strict import BadInputError

VARIABLE = "RESEARCH_CHECKPOINT_SECONDS"
INTERVAL = 60.0

Value = TypeVar("Value")


class Spent(NamedTuple):
    """Wall-clock and processor seconds of work."""

    seconds: float
    processor_seconds: float

    def since(self, start: Spent) -> Spent:
        """What was spent after `start`."""
        return Spent(self.seconds - start.seconds, self.processor_seconds - start.processor_seconds)


class Checkpoints:
    """The checkpoints of one job; without a folder, as in a test, nothing is read or written."""

    def __init__(self, folder: Path | None = None, interval: float = INTERVAL) -> None:
        self._folder = folder
        self._interval = interval
        self._written = time.monotonic()
        self._waiting: dict[str, dict[str, Any]] = {}  # finished, and not yet worth a file
        self._restored = Spent(0.0, 0.0)
        self.resumed = False  # whether anything of an earlier attempt was used

    @classmethod
    def open(cls, folder: Path, identity: str) -> Checkpoints:
        """Those below `folder` of the job that `identity` hashes; those of any other are removed.

        Raises BadInputError where the environment sets an interval that is no number of seconds.
        """
        own = folder / identity[:16]
        for other in folder.glob("*"):
            if other != own:
                shutil.rmtree(other)
                _say(f"{other}: made by other code, settings, data or libraries, so it is removed.")
        for unfinished in own.glob(".*.part"):
            unfinished.unlink()
        return cls(own, _interval())

    def kept(self, name: str, compute: Callable[[Progress], Value]) -> Value:
        """What `compute` gives, or gave in an earlier attempt: plain values and tensors on the CPU.

        It is handed the progress of this part, which ends with it.
        """
        found = self._read(name)
        if found is not None:
            value: Value = found["value"]
            return value
        start = self.spent()
        value = compute(self.progress(f"{name} (begun)"))
        self._waiting[name] = {"value": value, "spent": tuple(self.spent().since(start))}
        if self._is_due():
            self._write_waiting()
        return value

    def progress(self, name: str) -> Progress:
        """How far the named work has come."""
        return Progress(self, name)

    def spent(self) -> Spent:
        """A clock that runs on where an earlier attempt left its checkpoint; its differences count."""
        restored = self._restored
        return Spent(time.perf_counter() + restored.seconds, time.process_time() + restored.processor_seconds)

    def remove(self) -> None:
        """Delete all of them: the job has left its records."""
        if self._folder is not None:
            shutil.rmtree(self._folder.parent, ignore_errors=True)

    def _is_due(self) -> bool:
        return self._folder is not None and time.monotonic() - self._written >= self._interval

    def _write_waiting(self) -> None:
        for name, content in self._waiting.items():
            self._write(name, content)
            self._file(f"{name} (begun)").unlink(missing_ok=True)
        self._waiting.clear()
        self._written = time.monotonic()

    def _file(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{quote(name, safe=' ()=,+')}.pt"

    def _write(self, name: str, content: dict[str, Any]) -> None:
        import torch

        buffer = io.BytesIO()
        torch.save(content, buffer)
        payload = buffer.getbuffer()
        with replacing(self._file(name)) as temporary, temporary.open("wb") as file:
            file.write(hashlib.sha256(payload).hexdigest().encode() + b"\n")
            file.write(payload)

    def _read(self, name: str) -> dict[str, Any] | None:
        """What `_write` wrote, and what it took is added to the clock; None where nothing whole is there."""
        if self._folder is None or not self._file(name).is_file():
            return None
        import torch

        digest, _, payload = self._file(name).read_bytes().partition(b"\n")
        if hashlib.sha256(payload).hexdigest().encode() != digest:
            _say(f"{self._file(name)}: half-written or damaged, so it is removed; its part is run again.")
            self._file(name).unlink()
            return None
        content: dict[str, Any] = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
        self._restored = Spent(*map(sum, zip(self._restored, content["spent"], strict=True)))
        self.resumed = True
        return content


class Progress:
    """How far one loop has come; without checkpoints, nothing is loaded or saved."""

    def __init__(self, checkpoints: Checkpoints | None = None, name: str = "") -> None:
        self._checkpoints = checkpoints
        self._name = name
        self._start: Spent | None = None

    def load(self) -> Any:
        """The state that was saved last, its tensors on the CPU; None where the loop begins."""
        if self._checkpoints is None:
            return None
        self._start = self._checkpoints.spent()
        found = self._checkpoints._read(self._name)
        return None if found is None else found["state"]

    def save(self, state: Callable[[], Any]) -> None:
        """Write `state()`, plain values and tensors, if the last file is old enough; call it after `load`."""
        if self._checkpoints is None or not self._checkpoints._is_due():
            return
        assert self._start is not None
        spent = self._checkpoints.spent().since(self._start)
        self._checkpoints._write(self._name, {"state": state(), "spent": tuple(spent)})
        self._checkpoints._write_waiting()


def _interval() -> float:
    text = os.environ.get(VARIABLE, str(INTERVAL))
    try:
        return float(text)
    except ValueError:
        raise BadInputError(f"{VARIABLE} is '{text}'; set it to a number of seconds, such as 60.") from None


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
