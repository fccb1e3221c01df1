"""Learning wrong labels: what random labelling and SalUn share."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.image_set import ImageSet
from experiments.unlearning.fine_tuning import fine_tune
from experiments.unlearning.task import Task


def random_labels(labels: Tensor, classes: int, any_label: bool, generator: torch.Generator) -> Tensor:
    """A label for each of `labels` `[n]`, uniform over all others, or, with `any_label`, over all.

    `generator` is on the CPU. Raises BadInputError where there is a single class.
    """
    if classes < 2:
        raise BadInputError("A random label needs two or more classes to choose from, but there is one.")
    if any_label:
        return torch.randint(classes, labels.shape, generator=generator).to(labels)
    shift = torch.randint(1, classes, labels.shape, generator=generator)
    return (labels + shift.to(labels)) % classes


def learn_random_labels(
    task: Task, network: nn.Module, after_step: Callable[[], None] | None = None
) -> nn.Module:
    """Cross-entropy on all images, shuffled together; those to forget get new labels in each epoch."""
    images, generator = task.forget.joined(task.retain), task.generator("labels")

    def relabelled(epoch: int) -> ImageSet:
        drawn = random_labels(task.forget.labels, task.classes, task.settings.any_label, generator)
        return images.with_labels(torch.cat([drawn, task.retain.labels]))

    return fine_tune(task, network, relabelled, after_step=after_step)
