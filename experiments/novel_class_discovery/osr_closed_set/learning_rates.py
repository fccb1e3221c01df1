"""The learning rate of each step: a linear warm-up, then constant, or along a cosine that starts again."""

from __future__ import annotations

import math

from common.training.descent import Descent
from experiments.novel_class_discovery.osr_closed_set.settings import Recipe


def share_of_highest(recipe: Recipe, epoch: float) -> float:
    """The share of the highest learning rate that is due after `epoch` epochs, of `recipe.epochs`.

    Cosine with warm restarts: Loshchilov and Hutter, SGDR, ICLR 2017, arXiv 1608.03983, equation 5, from one to
    zero in each of the cycles, which are of equal length and follow the warm-up.
    """
    if epoch < recipe.warm_up:
        return epoch / recipe.warm_up
    if recipe.schedule == "constant":
        return 1.0
    gone = (epoch - recipe.warm_up) / (recipe.epochs - recipe.warm_up)
    return 0.5 * (1 + math.cos(math.pi * (recipe.cycles * gone % 1)))


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
