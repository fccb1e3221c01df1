"""Baseline++: a cosine head, fine-tuned on the support by a hundred steps of SGD.

Chen, Liu, Kira, Wang, Huang: A Closer Look at Few-shot Classification, ICLR 2019, arXiv 1904.04232: class
vectors and features are divided by their lengths, and the scale is 2 (official code). The embedding is
trained under such a head, too (`head: cosine`).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from experiments.few_shot.fine_tuning import Heads, fine_tuned, initial_weights

SCALE = 2.0


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Logits `[episodes, questions, ways]`; arguments as in `nearest_class_mean.classify`."""
    weights = initial_weights(len(support), int(labels.max()) + 1, support.shape[2], support)
    return logits(fine_tuned([weights], logits, support, labels), queries)


def logits(heads: Heads, features: Tensor) -> Tensor:
    """2 cos(w, f(x)), for every task."""
    (weights,) = heads
    return SCALE * F.normalize(features, dim=-1) @ F.normalize(weights, dim=-1).mT
