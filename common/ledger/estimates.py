"""How long a job takes, how much memory and how many bytes, from what is most like it in the past.

Durations are log-normal: they have no negative values, and are off by factors rather than by seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import NormalDist, fmean, median

from common.ledger.kinds import kind_of, runs_of
from common.ledger.observing import PlannedJob
from common.ledger.past import Likeness, Past, Precedent

# ours: how far off, as the standard deviation of a logarithm, a first guess is. The same job repeats within
# about a tenth; methods of a step may differ by a factor of two or more.
_GUESSED: dict[Likeness, float] = {"same": 0.12, "seeds": 0.25, "methods": 0.8}
_GUESS_COUNTS = 2  # observations that the guess weighs as many as
_FLOOR = 0.08  # three runs that happen to agree are no proof of a clock
_ELSEWHERE = 0.7  # another machine may well be twice as fast
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Estimate:
    """A job's duration: its median in seconds, the standard deviation of its logarithm.

    `same`: from that very job. `here`: from this machine.
    """

    seconds: float
    width: float
    same: bool
    here: bool

    def draw(self, random: Random, pace: float = 1.0, after: float = 0.0) -> float:
        """A duration, given that it is more than `after` seconds; all jobs are slower by `pace`."""
        if after <= 0:
            return self.seconds * pace * math.exp(random.gauss(0.0, self.width))
        return self.quantile(random.random(), pace, after)

    def quantile(self, share: float, pace: float = 1.0, after: float = 0.0) -> float:
        """The duration that such a share of all that take more than `after` seconds stays below."""
        centre = math.log(self.seconds * pace)
        passed = _NORMAL.cdf((math.log(after) - centre) / self.width) if after > 0 else 0.0
        inside = passed + (1.0 - passed) * share
        if not 0.0 < inside < 1.0 - 1e-9:
            return after * math.exp(share * self.width)  # later than anything that was thought likely
        return max(after, math.exp(centre + self.width * _NORMAL.inv_cdf(inside)))


def duration_of(job: PlannedJob, past: Past) -> Estimate | None:
    """How long the job takes; None where nothing is known of it, or not of all of its runs."""
    own = past.job(job.name, kind_of(job))
    parts = [past.run(run) for run in runs_of(job)]
    known = [part for part in parts if part is not None]
    if own is not None and (own.here or not any(part.here for part in known)):
        return _of_precedent(own)
    if not parts or len(known) < len(parts):
        return None
    return _together([_of_precedent(part) for part in known])


def memory_of(job: PlannedJob, past: Past) -> float | None:
    """The most that the job's process holds, in MiB; only runs say it."""
    peaks = [_middle_peak(past.run(run)) for run in runs_of(job)]
    return max((peak for peak in peaks if peak is not None), default=None)


def bytes_of(job: PlannedJob, past: Past) -> float | None:
    """How many bytes the job leaves; None where that isn't known of all of its parts."""
    runs = runs_of(job)
    parts = [past.run(run) for run in runs] if runs else [past.job(job.name, kind_of(job))]
    sizes = [_mean_bytes(part) for part in parts]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _middle_peak(precedent: Precedent | None) -> float | None:
    peaks = [
        observation.memory_mib
        for observation in (precedent.observations if precedent else ())
        if observation.memory_mib is not None
    ]
    return median(peaks) if peaks else None


def _mean_bytes(precedent: Precedent | None) -> float | None:
    sizes = [
        observation.bytes
        for observation in (precedent.observations if precedent else ())
        if observation.bytes is not None
    ]
    return fmean(sizes) if sizes else None


def _of_precedent(precedent: Precedent) -> Estimate:
    """The logarithms' mean and spread, the latter drawn towards a guess while there is little to go by."""
    logs = [math.log(max(observation.seconds, 1e-3)) for observation in precedent.observations]
    middle, count = median(logs), len(logs)
    guess = _GUESSED[precedent.likeness]
    squares = _GUESS_COUNTS * guess**2 + sum((value - middle) ** 2 for value in logs)
    spread = math.sqrt(squares / (_GUESS_COUNTS + count - 1)) * math.sqrt(1 + 1 / count)
    floor = _FLOOR if precedent.here else _ELSEWHERE
    return Estimate(math.exp(middle), max(spread, floor), precedent.likeness == "same", precedent.here)


def _together(parts: Sequence[Estimate]) -> Estimate:
    """Runs one after the other in a process: what makes one slow makes the next slow, so no widths cancel."""
    seconds = sum(part.seconds for part in parts)
    width = sum(part.width * part.seconds for part in parts) / seconds
    return Estimate(seconds, width, all(part.same for part in parts), all(part.here for part in parts))
