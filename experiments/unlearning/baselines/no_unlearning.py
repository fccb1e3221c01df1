"""No unlearning: θ_u = θ_o, the row that any method has to beat."""

from __future__ import annotations

from torch import nn

from experiments.unlearning.fine_tuning import copy_of_original
from experiments.unlearning.task import Task

LEARNS = False


def unlearn(task: Task) -> nn.Module:
    """The original, as it was."""
    return copy_of_original(task)
