"""Softmax over cosines: the paper's loss, its re-parameterised form, and a scale that is learned.

Pereira, Joly, Valduriez, Porto: Hyperspherical embedding for novel class classification, 2021,
arXiv 2102.03243: z = s f(x) / |f(x)|, logits w_k · z with |w_k| = 1, so that logits are s cos theta_k, and
L = -mean log(e^(s cos theta_y) / sum_j e^(s cos theta_j)).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.objectives.random_columns import random_columns


class NormalisedSoftmax(Objective):
    """The paper's: columns are parameters that are put back onto the sphere after each step.

    Reads `scale`. Deviation: columns have length one from the first step on, where the constraint of the
    official code acts after it.
    """

    def __init__(self, classes: int, dimension: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.weight = nn.Parameter(random_columns(classes, dimension))

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of the logits s cos theta_k."""
        return F.cross_entropy(self.scale * F.normalize(embeddings, dim=-1) @ self.weight.T, labels)

    @torch.no_grad()
    def after_step(self) -> None:
        """Project each column onto the sphere."""
        self.weight.copy_(F.normalize(self.weight, dim=-1))

    def columns(self) -> Tensor:
        """The parameters themselves."""
        return self.weight.detach()


class ReparameterisedSoftmax(Objective):
    """The same logits from free vectors v_k: w_k = v_k / |v_k|.

    Its gradient by v_k is that by w_k less its part along w_k, divided by |v_k|. Reads `scale`.
    """

    def __init__(self, classes: int, dimension: int, scale: float) -> None:
        super().__init__()
        self.scale: float | Tensor = scale
        self.weight = nn.Parameter(random_columns(classes, dimension))

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of the logits s cos theta_k."""
        cosines = F.normalize(embeddings, dim=-1) @ F.normalize(self.weight, dim=-1).T
        return F.cross_entropy(self.scale * cosines, labels)

    def columns(self) -> Tensor:
        """The directions of the free vectors."""
        return F.normalize(self.weight.detach(), dim=-1)


class LearnedScale(ReparameterisedSoftmax):
    """Weight imprinting: Qi, Brown, Lowe: Low-Shot Learning with Imprinted Weights, 2018, arXiv 1712.07136.

    As above, but s is a parameter, which starts from `scale`. Without the paper's fine-tuning after
    imprinting: no method here takes a step on new classes.
    """

    def __init__(self, classes: int, dimension: int, scale: float) -> None:
        super().__init__(classes, dimension, scale)
        self.scale = nn.Parameter(torch.tensor(scale))
