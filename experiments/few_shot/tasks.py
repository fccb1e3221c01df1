"""Training tasks: augmented images of base classes, task after task, and the steps that learn from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from common.checkpoints import Progress
from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.seeding import chance_of, set_chance
from experiments.few_shot.embeddings import augmented
from experiments.few_shot.episodes import EpisodeShape, sample_episodes
from experiments.few_shot.settings import TaskSettings


class Task(NamedTuple):
    """Standardised images `[n, channels, h, w]`, class after class, and labels `[n]` in 0..ways-1."""

    support: Tensor
    support_labels: Tensor
    queries: Tensor
    query_labels: Tensor


class TrainingTasks(Iterator[Task]):
    """All tasks of a training; classes and images are drawn at its start, augmentation task by task."""

    def __init__(self, base: ImageSet, settings: TaskSettings, generator: torch.Generator) -> None:
        shape = EpisodeShape(settings.ways, settings.shots, settings.queries)
        self._episodes = sample_episodes(base.labels, shape, settings.episodes, generator)
        self._base, self._settings, self._generator = base, settings, generator
        self._shown = 0

    def __next__(self) -> Task:
        if self._shown == len(self._episodes):
            raise StopIteration
        support, queries = self._episodes.support[self._shown], self._episodes.queries[self._shown]
        self._shown += 1
        base, count = self._base, support.numel()
        places = torch.cat([support.flatten(), queries.flatten()]).to(base.images.device)
        pixels = base.standardise(augmented(base.images[places], base.margin, self._generator))
        names = torch.arange(self._settings.ways, device=pixels.device)
        return Task(
            pixels[:count],
            names.repeat_interleave(self._settings.shots),
            pixels[count:],
            names.repeat_interleave(self._settings.queries),
        )

    def state(self) -> dict[str, Any]:
        """Which task comes next, and where chance stands."""
        return {"shown": self._shown, "chance": chance_of([self._generator])}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where another stream of the same tasks gave `state`."""
        self._shown = state["shown"]
        set_chance(state["chance"], [self._generator])


def training_tasks(base: ImageSet, settings: TaskSettings, generator: torch.Generator) -> TrainingTasks:
    """The tasks that `settings` ask for; all chance comes from `generator`, on the CPU."""
    return TrainingTasks(base, settings, generator)


def learn_from_tasks(
    network: nn.Module,
    tasks: TrainingTasks,
    settings: TaskSettings,
    gradients: Callable[[list[Task]], tuple[Tensor, list[Tensor]]],
    progress: Progress | None = None,
) -> list[float]:
    """Adam, its rate falling along a cosine, by the gradients of one meta-batch after another.

    Args:
        network: changed in place.
        tasks: in order.
        settings: of the training.
        gradients: of a meta-batch: its mean loss, and that loss's gradient by each parameter of `network`.
        progress: of an earlier attempt, from which it goes on; on a CPU with the same bits.

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
    progress = progress or Progress()
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    losses = _restore(progress.load(), network, optimiser, tasks)
    for step in range(len(losses), steps):
        rate = settings.learning_rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimiser.param_groups[0]["lr"] = rate
        loss, found = gradients([next(tasks) for _ in range(settings.meta_batch)])
        for parameter, gradient in zip(network.parameters(), found, strict=True):
            parameter.grad = gradient.detach()
        optimiser.step()
        losses.append(float(loss.detach()))
        progress.save(lambda: _state(losses, network, optimiser, tasks))
    if not all(map(math.isfinite, losses)):
        raise BadInputError("Training on tasks has diverged; lower 'learning_rate' or 'inner_rate'.")
    return losses


def _state(
    losses: list[float], network: nn.Module, optimiser: torch.optim.Optimizer, tasks: TrainingTasks
) -> dict[str, Any]:
    return {
        "losses": losses,
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "tasks": tasks.state(),
    }


def _restore(
    state: dict[str, Any] | None, network: nn.Module, optimiser: torch.optim.Optimizer, tasks: TrainingTasks
) -> list[float]:
    """Take up what `_state` gave after some step; the losses until then."""
    if state is None:
        return []
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    tasks.restore(state["tasks"])
    losses: list[float] = state["losses"]
    return losses
