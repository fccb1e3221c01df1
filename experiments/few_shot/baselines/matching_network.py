"""Matching network: attention over the support by the cosine of features.

Vinyals, Blundell, Lillicrap, Kavukcuoglu, Wierstra: Matching Networks for One Shot Learning, 2016, arXiv
1606.04080: p(y | x) = Σ_i a(x, x_i) y_i with a = softmax_i cos(f(x), f(x_i)). Deviations: no full-context
embeddings, and the cosine is multiplied by 10 before the softmax, as many re-implementations do, since
cosines in [-1, 1] can't be sure.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SHARPNESS = 10.0


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Log-probabilities `[episodes, questions, ways]`; arguments as in `nearest_class_mean.classify`."""
    cosines = F.normalize(queries, dim=-1) @ F.normalize(support, dim=-1).mT
    attention = (SHARPNESS * cosines).log_softmax(-1)
    ways = int(labels.max()) + 1
    return torch.stack([attention[..., labels == label].logsumexp(-1) for label in range(ways)], dim=-1)
