"""How much slower or faster than before the machine goes now, which all jobs share and which they teach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

# ours: standard deviation of the logarithm where no earlier run has shown it. What else a machine does, how
# warm it is and what its memory still holds of files make whole repetitions differ by 10 to 20 %.
_GUESSED_WIDTH = 0.15
_GUESS_COUNTS = 2  # earlier runs that the guess weighs as many as


class Pace:
    """A factor on all durations: normal in its logarithm, updated by Bayes' rule job by job.

    `earlier` are those of runs before, by which a machine shows how steady it is.
    """

    def __init__(self, earlier: Sequence[float] = ()) -> None:
        squares = _GUESS_COUNTS * _GUESSED_WIDTH**2 + sum(math.log(pace) ** 2 for pace in earlier)
        self._precision = (_GUESS_COUNTS + len(earlier)) / squares
        self._weighted = 0.0

    @property
    def middle(self) -> float:
        """The likeliest factor; 1.0 at first."""
        return math.exp(self._weighted / self._precision)

    def learn(self, took: float, expected: float, width: float) -> None:
        """A job took so many seconds; its expected ones were known up to the `width` of their logarithm."""
        self._precision += 1 / width**2
        self._weighted += math.log(max(took, 1e-3) / expected) / width**2

    def draw(self, random: Random) -> float:
        """A factor that may be the true one."""
        return self.middle * math.exp(random.gauss(0.0, self._precision**-0.5))
