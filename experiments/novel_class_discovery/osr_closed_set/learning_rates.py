"""The learning rate of each step: a linear warm-up, then constant, or along a cosine that starts again."""

from __future__ import annotations

import math

from common.training.descent import Descent
from experiments.novel_class_discovery.osr_closed_set.settings import Recipe

LOWEST = 0.001  # share of the highest that a cosine ends with; official code


def share_of_highest(recipe: Recipe, epoch: float) -> float:
    """The share of the highest learning rate that is due after `epoch` epochs, of `recipe.epochs`.

    Cosine with warm restarts: Loshchilov and Hutter, SGDR, ICLR 2017, arXiv 1608.03983, equation 5, in cycles
    of equal length. The warm-up rises from zero to what is due at its end, and takes that time from the first
    cycle, as in the official code.
    """
    if epoch < recipe.warm_up:
        return epoch / recipe.warm_up * share_of_highest(recipe, recipe.warm_up)
    if recipe.schedule == "constant":
        return 1.0
    gone = recipe.cycles * epoch / recipe.epochs % 1
    return LOWEST + (1 - LOWEST) * 0.5 * (1 + math.cos(math.pi * gone))


class Clock:
    """Sets a descent's learning rate before each of its steps."""

    def __init__(self, descent: Descent, recipe: Recipe, steps_per_epoch: int) -> None:
        self._descent = descent
        self._recipe = recipe
        self._steps_per_epoch = steps_per_epoch
        self._steps = 0

    def begin(self, epoch: int) -> None:
        """An epoch begins."""
        self._steps = epoch * self._steps_per_epoch
        self._set()

    def tick(self) -> None:
        """A step is done."""
        self._steps += 1
        self._set()

    def _set(self) -> None:
        share = share_of_highest(self._recipe, self._steps / self._steps_per_epoch)
        self._descent.learning_rate = self._recipe.learning_rate * share
