"""Forgetting events, counted while an ensemble trains.

Toneva et al., An Empirical Study of Example Forgetting, ICLR 2019, arXiv 1812.05159: how often an example
goes from right to wrong between two visits in batches of training, as predicted before the step's update.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass
class Forgetting:
    """What each network got right when it last visited each example, and how often it had forgotten it.

    Attributes:
        events: int64 `[networks, n]`.
        right: bool `[networks, n]`, at the last visit.
        learnt: bool `[networks, n]`, at any visit.
    """

    events: NDArray[np.int64]
    right: NDArray[np.bool_]
    learnt: NDArray[np.bool_]

    @classmethod
    def of(cls, networks: int, examples: int) -> Forgetting:
        """Nothing was visited yet."""
        shape = (networks, examples)
        return cls(np.zeros(shape, np.int64), np.zeros(shape, bool), np.zeros(shape, bool))

    def __call__(self, places: NDArray[np.int64], correct: NDArray[np.bool_]) -> None:
        """Take in visits `[networks, steps, batch]`; within a step no example comes twice."""
        rows = np.arange(len(places))[:, None]
        for step in range(places.shape[1]):
            visited, now = places[:, step], correct[:, step]
            self.events[rows, visited] += self.right[rows, visited] & ~now
            self.right[rows, visited] = now
            self.learnt[rows, visited] |= now

    def score(self, epochs: int) -> NDArray[np.float64]:
        """Events after so many epochs, `[networks, n]`; what was never right counts `epochs + 1`.

        Toneva et al. call that infinite, and the mean over networks would be so wherever one never learnt.
        """
        return np.where(self.learnt, self.events, epochs + 1).astype(np.float64)
