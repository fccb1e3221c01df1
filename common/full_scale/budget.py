"""Durations as a reader types them, and how much is left of one."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from common.strict import BadInputError

_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Budget:
    """So many seconds from now on."""

    seconds: float
    _start: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    @property
    def left(self) -> float:
        """Seconds until the end, below zero after it."""
        return self.seconds - self.spent


def parse_duration(text: str) -> float:
    """Seconds of `90s`, `25m` or `1.5h`; raises BadInputError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text)
    if found is None:
        raise BadInputError(f"'{text}' is no duration; write one as 90s, 25m or 1.5h.")
    return float(found[1]) * _UNITS[found[2]]
