"""Training tasks: augmented images of base classes, task after task, and the steps that learn from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.image_set import ImageSet
from experiments.few_shot.embeddings import augmented
from experiments.few_shot.episodes import EpisodeShape, sample_episodes
from experiments.few_shot.settings import TaskSettings


class Task(NamedTuple):
    """Standardised images `[n, channels, h, w]`, class after class, and labels `[n]` in 0..ways-1."""

    support: Tensor
    support_labels: Tensor
    queries: Tensor
    query_labels: Tensor


def training_tasks(base: ImageSet, settings: TaskSettings, generator: torch.Generator) -> Iterator[Task]:
    """All tasks of a training; classes and images are drawn at its start, augmentation task by task."""
    shape = EpisodeShape(settings.ways, settings.shots, settings.queries)
    episodes = sample_episodes(base.labels, shape, settings.episodes, generator)
    names = torch.arange(settings.ways)
    for support, queries in zip(episodes.support, episodes.queries, strict=True):
        places = torch.cat([support.flatten(), queries.flatten()]).to(base.images.device)
        pixels = base.standardise(augmented(base.images[places], base.margin, generator))
        count = support.numel()
        yield Task(
            pixels[:count],
            names.repeat_interleave(settings.shots).to(pixels.device),
            pixels[count:],
            names.repeat_interleave(settings.queries).to(pixels.device),
        )


def learn_from_tasks(
    network: nn.Module,
    tasks: Iterator[Task],
    settings: TaskSettings,
    gradients: Callable[[list[Task]], tuple[Tensor, list[Tensor]]],
) -> list[float]:
    """Adam, its rate falling along a cosine, by the gradients of one meta-batch after another.

    Args:
        network: changed in place.
        tasks: in order.
        settings: of the training.
        gradients: of a meta-batch: its mean loss, and that loss's gradient by each parameter of `network`.

    Returns:
        the loss of each step. Raises BadInputError where there are fewer tasks than a meta-batch has, and
        where a loss is not finite.
    """
    steps = settings.episodes // settings.meta_batch
    if not steps:
        raise BadInputError(
            f"{settings.episodes} episodes don't fill a meta-batch of {settings.meta_batch}; "
            "raise 'episodes'."
        )
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    losses = []
    for step in range(steps):
        rate = settings.learning_rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimiser.param_groups[0]["lr"] = rate
        loss, found = gradients([next(tasks) for _ in range(settings.meta_batch)])
        for parameter, gradient in zip(network.parameters(), found, strict=True):
            parameter.grad = gradient.detach()
        optimiser.step()
        losses.append(float(loss.detach()))
    if not all(map(math.isfinite, losses)):
        raise BadInputError("Training on tasks has diverged; lower 'learning_rate' or 'inner_rate'.")
    return losses
