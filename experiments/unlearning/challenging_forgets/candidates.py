"""All that forget sets are chosen by: the original model, its training images, and their scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.checkpoints import Checkpoints, Progress
from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.seeding import generator
from experiments.unlearning import forget_sets
from experiments.unlearning.challenging_forgets.bilevel import Selection, binary_start, select, uniform_start
from experiments.unlearning.challenging_forgets.kinds import SEARCHED, WORST, Search
from experiments.unlearning.challenging_forgets.settings import BilevelSettings
from experiments.unlearning.challenging_forgets.units import Units
from experiments.unlearning.difficulty.scores import cross_entropy_loss, el2n, grand, moderate
from experiments.unlearning.trained_model import TrainedModel


@dataclass
class Candidates:
    """Single images, or whole classes, that may be forgotten. What is costly is computed once."""

    model: TrainedModel
    train: ImageSet
    units: Units
    settings: BilevelSettings
    seed: int
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    _searched: dict[tuple[Search, float], Selection] = field(default_factory=dict)

    @cached_property
    def loss(self) -> Tensor:
        """Cross-entropy of the original model, float64 `[n]`."""
        return cross_entropy_loss(self.model.network, self.train)

    @cached_property
    def el2n(self) -> Tensor:
        """EL2N after the first few epochs, float64 `[n]`."""
        return el2n(self.model.early_network(), self.train)

    @cached_property
    def grand(self) -> Tensor:
        """GraNd after the first few epochs, float64 `[n]`."""
        return grand(self.model.early_network(), self.train)

    @cached_property
    def moderate(self) -> Tensor:
        """How far from the median of its class each image lies, float64 `[n]`."""
        return moderate(self.model.network, self.train)

    def places(self, kind: str, ratio: float) -> Tensor:
        """The forget set, int64 places `[m]`, ascending; raises BadInputError where none is possible."""
        forget = self.units.places(self._chosen(kind, ratio))
        forget_sets.check(forget, self.train.labels, whole_classes_allowed=self.units.named == "classes")
        return forget

    def random(self, ratio: float) -> Tensor:
        """Units chosen by chance; those of a small ratio are among those of a larger one."""
        return forget_sets.random(self.units.count, self._size(ratio), self._chance())

    def lowest(self, scores: Tensor, ratio: float) -> Tensor:
        """Units of the lowest mean of scores `[n]`."""
        return forget_sets.lowest(self.units.mean(scores), self._size(ratio))

    def searched(self, search: Search, ratio: float) -> Selection:
        """The bi-level search; kinds that ask for the same one share it."""
        key = (search, ratio)
        if key not in self._searched:
            found = self.checkpoints.kept(
                f"search {search.start} {search.upper_step} {ratio}",
                lambda progress: vars(self._search(search, ratio, progress)),
            )
            self._searched[key] = Selection(**found)
        return self._searched[key]

    def difficulties(self) -> dict[float, NDArray[np.float64]]:
        """Ratio -> of each image, `[n]`, the weight that the worst-case search gave it, where it was run."""
        found = {ratio: done.weights for (search, ratio), done in self._searched.items() if search == WORST}
        return {ratio: weights[self.units.of_image].numpy() for ratio, weights in found.items()}

    def decided_by_order(self, kind: str, ratio: float) -> float:
        """How much of a searched set the search left open, in percent: weights that met a bound are equal.

        Of a class-balanced set: of that before it is balanced.
        """
        weights = _ranked(kind, self.searched(SEARCHED[kind], ratio).weights)
        return forget_sets.decided_by_order(weights, self._size(ratio))

    def settings_of(self, search: Search) -> BilevelSettings:
        """The settings, with the step that the kind asks for."""
        if search.upper_step is None:
            return self.settings
        return self.settings.model_copy(update={"upper_step": search.upper_step})

    def _search(self, search: Search, ratio: float, progress: Progress) -> Selection:
        random, count = self.random(ratio), self.units.count
        start = (
            uniform_start(count, len(random)) if search.start == "uniform" else binary_start(count, random)
        )
        # Both starts see the same order and augmentation, so that they differ by the start alone.
        chance = generator(self.seed, f"selection/order/{ratio}")
        network, settings = self.model.network, self.settings_of(search)
        return select(network, self.train, self.units, random, start, settings, chance, progress)

    def _chosen(self, kind: str, ratio: float) -> Tensor:
        m = self._size(ratio)
        if kind in SEARCHED:
            return self._from_weights(kind, self.searched(SEARCHED[kind], ratio).weights, m)
        match kind:
            case "random" | "random_class":
                return self.random(ratio)
            case "tuning" | "tuning_class":
                return forget_sets.tuning(self.units.count, m, self._chance())
            case "lowest_loss":
                return self.lowest(self.loss, ratio)
            case "lowest_el2n":
                return self.lowest(self.el2n, ratio)
            case "lowest_grand":
                return self.lowest(self.grand, ratio)
            case "moderate":  # the coreset keeps the lowest
                return self.lowest(-self.moderate, ratio)
        raise BadInputError(f"There is no rule that chooses forget sets of kind '{kind}'.")

    def _from_weights(self, kind: str, weights: Tensor, m: int) -> Tensor:
        if kind == "class_balanced":
            return forget_sets.class_balanced(weights, self.train.labels, m)
        return forget_sets.lowest(_ranked(kind, weights), m)

    def _size(self, ratio: float) -> int:
        return forget_sets.size_of(ratio, self.units.count)

    def _chance(self) -> torch.Generator:
        return generator(self.seed, "selection/random")


def _ranked(kind: str, weights: Tensor) -> Tensor:
    """Weights `[units]` so that the kind takes the lowest."""
    return weights if kind in ("easiest", "easiest_class") else -weights
