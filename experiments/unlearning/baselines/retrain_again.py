"""A second exact retraining: how far from Retrain even perfect unlearning lies.

θ_u = A(D_r), with the training A of the original from another initialisation, in another order. Exact
unlearning equals Retrain in distribution, not number by number, so this is the floor of every gap to it.
"""

from __future__ import annotations

from torch import nn

from common.training.descent import Descent
from experiments.unlearning.task import Task

LEARNS = False


def unlearn(task: Task) -> nn.Module:
    """Train an untrained network on the retain set, as the original was trained on everything."""
    network = task.initialise("retrain_again")
    descent = Descent(network, *task.training)
    descent.run(task.retain, task.generator("retrain_again"), task.progress)
    return network.eval()
