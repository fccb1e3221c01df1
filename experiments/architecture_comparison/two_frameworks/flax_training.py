"""Training in Flax under the track's recipe, on the batches that torch's training sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import torch
from flax import nnx

from common.training.descent import scheduled
from common.training.image_set import ImageSet, batch_count
from common.training.seeding import generator
from experiments.architecture_comparison.settings import RecipeSettings
from experiments.architecture_comparison.two_frameworks.flax_recipe import begin, logits_of, step_of

JUDGED_AT_ONCE = 500


@dataclass
class FlaxTraining:
    """The counterpart of `recipe.Training`: order, crops and rates of a seed are the same.

    Attributes:
        learning_rate: the highest, which the warm-up ends with.
        seed: of order and augmentation.
    """

    network: nnx.Module
    recipe: RecipeSettings
    learning_rate: float
    seed: int

    def run(self, images: ImageSet) -> list[float]:
        """Each epoch's mean loss; raises BadInputError for a recipe that optax hasn't here."""
        self._structure, self._descent = begin(self.network, self.recipe)
        self._step = jax.jit(step_of(self._structure, self.recipe), donate_argnums=0)
        return [self._epoch(images, epoch) for epoch in range(self.recipe.epochs)]

    def accuracy(self, images: ImageSet) -> float:
        """Percent of the images that the trained network gets right, in evaluation mode."""
        ask = jax.jit(lambda descent, pixels: logits_of(self._structure, descent, pixels).argmax(-1))
        right = 0
        for batch in images.clean(JUDGED_AT_ONCE):
            told = np.asarray(ask(self._descent, channels_last(batch.images)))
            right += int((told == batch.labels.cpu().numpy()).sum())
        return 100 * right / len(images)

    def _epoch(self, images: ImageSet, epoch: int) -> float:
        losses = []
        for pixels, labels, rate in self._batches(images, epoch):
            self._descent, loss = self._step(self._descent, pixels, labels, rate)
            losses.append(loss)
        return float(np.mean([float(loss) for loss in losses]))

    def _batches(self, images: ImageSet, epoch: int) -> Iterator[tuple[Any, Any, float]]:
        """As `recipe.Training` draws them."""
        recipe = self.recipe
        count = batch_count(len(images), recipe.batch_size)
        order = generator(self.seed, f"order {epoch}")
        for place, batch in enumerate(images.shuffled(recipe.batch_size, order)):
            share = scheduled(recipe, (epoch + place / count) / recipe.epochs)
            yield channels_last(batch.images), batch.labels.cpu().numpy(), self.learning_rate * share


def channels_last(images: torch.Tensor) -> np.ndarray[Any, Any]:
    """`[batch, channels, h, w]` of torch as `[batch, h, w, channels]`; no copy where that is its layout."""
    pixels: np.ndarray[Any, Any] = images.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return pixels
