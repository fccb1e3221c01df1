"""RL: random labelling, which teaches wrong labels for what is to be forgotten.

Golatkar, Achille, Soatto: Eternal Sunshine of the Spotless Net: Selective Forgetting in Deep Networks, 2019,
arXiv 1911.04933. From θ_o, θ_u descends the cross-entropy of D_f ∪ D_r shuffled together,

    E_{D_f, y' ≠ y} CE(θ; x, y') + E_{D_r} CE(θ; x, y)   (weighted by the sizes of the sets),

where y' is drawn anew in each epoch, uniformly over the wrong labels, as the SalUn paper (arXiv 2310.12508)
defines it. The official code of Challenging Forgets draws y' from all labels, the true one among them: the
setting `any_label`.
"""

from __future__ import annotations

from torch import nn

from experiments.unlearning.fine_tuning import copy_of_original
from experiments.unlearning.random_labels import learn_random_labels
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Cross-entropy on all images, under random labels on the forget set."""
    return learn_random_labels(task, copy_of_original(task))
