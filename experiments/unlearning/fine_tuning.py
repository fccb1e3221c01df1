"""Fine-tuning, which all methods that learn are made of: a copy of the original descends some loss."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

from torch import nn

from common.strict import BadInputError
from common.training.descent import Descent, Loss, cross_entropy
from common.training.image_set import ImageSet
from common.training.settings import DescentSettings
from experiments.unlearning.task import Task


def copy_of_original(task: Task) -> nn.Module:
    """θ_o to change."""
    return copy.deepcopy(task.original)


def fine_tune(
    task: Task,
    network: nn.Module,
    data: ImageSet | Callable[[int], ImageSet],
    loss: Loss = cross_entropy,
    parameters: Sequence[nn.Parameter] | None = None,
    after_step: Callable[[], None] | None = None,
    more_epochs: int = 0,
) -> nn.Module:
    """Descend `loss` on `data`, changing `network` in place; it comes back in evaluation mode.

    All methods draw order and augmentation from one stream, so that their differences are less noisy.
    `more_epochs` are added to those of the settings. The rest is as in `Descent`.
    Raises BadInputError where the task can't be learned.
    """
    settings, learning_rate = descent_settings(task)
    settings = settings.model_copy(update={"epochs": settings.epochs + more_epochs})
    descent = Descent(network, settings, learning_rate, loss, parameters, after_step)
    descent.run(data, task.generator("order"), task.progress)
    return network.eval()


def descent_settings(task: Task) -> tuple[DescentSettings, float]:
    """How to descend, and the first learning rate; raises BadInputError where the task can't be learned."""
    if task.settings.descent is None:
        raise BadInputError(
            "The method learns, but is not told how: give it a 'descent' with epochs and batch_size."
        )
    if task.learning_rate is None:
        raise BadInputError("The method learns: give it a 'learning_rate', or gather a step that tunes it.")
    if len(task.forget) == 0:
        raise BadInputError("The forget set is empty, so there is nothing to unlearn; raise its 'ratio'.")
    return task.settings.descent, task.learning_rate
