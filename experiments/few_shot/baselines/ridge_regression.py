"""Ridge regression onto one-hot labels, in closed form.

Bertinetto, Henriques, Torr, Vedaldi: Meta-learning with differentiable closed-form solvers (R2-D2), ICLR
2019, arXiv 1805.08136: W = Xᵀ (X Xᵀ + λ I)⁻¹ Y, by Woodbury's identity a system of the size of the support,
not of the features. Deviation: λ = 1 is fixed, and the scale and shift that the paper learns with it are
left out, as they change no prediction.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

PENALTY = 1.0


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Regressed one-hot labels, `[episodes, questions, ways]`.

    The arguments are those of `nearest_class_mean.classify`.
    """
    targets = F.one_hot(labels).to(support.dtype).expand(len(support), -1, -1)
    gram = support @ support.mT + PENALTY * torch.eye(len(labels), dtype=support.dtype, device=support.device)
    weights: Tensor = support.mT @ torch.linalg.solve(gram, targets)
    return queries @ weights
