"""CF-k: catastrophic forgetting of the last k layers, which learn on; all before them stay as they were.

Goel, Prabhu, Sanyal, Lim, Torr, Kumaraguru: Towards Adversarial Evaluations for Inexact Machine Unlearning,
2022, arXiv 2201.06640. The last k convolutional or linear layers descend E_{D_r} CE(θ; x, y) from θ_o.

Differs from the official code of Challenging Forgets in what `last_layers` names, and in that momentum is
kept from epoch to epoch; there, each epoch begins with a new optimiser.
"""

from __future__ import annotations

from torch import nn

from experiments.unlearning.fine_tuning import copy_of_original
from experiments.unlearning.last_layers import last_layers, learn_last_layers
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Learn the last layers on the retain set."""
    network = copy_of_original(task)
    return learn_last_layers(task, network, last_layers(network, task.settings.layers))
