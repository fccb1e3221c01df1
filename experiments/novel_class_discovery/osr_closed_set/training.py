"""Training a network by a recipe; checkpoints let it go on after a kill."""

from __future__ import annotations

import torch
from torch import nn

from common.checkpoints import Progress
from common.training.descent import Descent, Loss
from common.training.image_set import Batch, ImageSet, batch_count
from common.training.seeding import generator, seeded_initialisation, stream_seed
from experiments.novel_class_discovery.osr_closed_set.learning_rates import Clock
from experiments.novel_class_discovery.osr_closed_set.random_augment import random_augmented
from experiments.novel_class_discovery.osr_closed_set.reciprocal_points import (
    ReciprocalPoints,
    WithDistances,
    reciprocal_loss,
)
from experiments.novel_class_discovery.osr_closed_set.settings import Recipe


def train(
    network: nn.Module, images: ImageSet, recipe: Recipe, seed: int, progress: Progress | None = None
) -> list[float]:
    """Train `network` in place; each epoch's mean loss.

    Order, dropout and augmentation hang on `seed` alone, so that recipes are compared on the same draws.
    """
    learner, loss = _objective(network, recipe)
    descent = Descent(learner, recipe.descent(), recipe.learning_rate, loss)
    clock = Clock(descent, recipe, batch_count(len(images), recipe.batch_size))
    descent.after_step = clock.tick
    cropped = ImageSet(images.images, images.labels, images.standardise, recipe.margin)

    def of_epoch(epoch: int) -> ImageSet:
        clock.begin(epoch)
        if recipe.augmentation == "none":
            return cropped
        # A stream for each epoch: a resumed training needs none of the draws before.
        draws = generator(seed, f"augmentation of epoch {epoch}")
        return random_augmented(
            cropped, recipe.magnitude, recipe.augmentation == "rand_augment_upright", draws
        )

    with seeded_initialisation(stream_seed(seed, "dropout")):
        return descent.run(of_epoch, generator(seed, "order"), progress)


def _objective(network: nn.Module, recipe: Recipe) -> tuple[nn.Module, Loss]:
    """What is trained, and the loss that it minimises."""
    head = network.classifier
    if isinstance(head, ReciprocalPoints):
        return WithDistances(network), reciprocal_loss(head, recipe.label_smoothing)

    def cross_entropy(logits: torch.Tensor, batch: Batch, epoch: int) -> torch.Tensor:
        return nn.functional.cross_entropy(logits, batch.labels, label_smoothing=recipe.label_smoothing)

    return network, cross_entropy
