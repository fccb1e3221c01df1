"""Baseline: a linear head, fine-tuned on the support by a hundred steps of SGD.

Chen, Liu, Kira, Wang, Huang: A Closer Look at Few-shot Classification, ICLR 2019, arXiv 1904.04232. The
steps, and how they deviate from the official code, are in `fine_tuning.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from experiments.few_shot.fine_tuning import Heads, fine_tuned, initial_weights


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Logits `[episodes, questions, ways]`; arguments as in `nearest_class_mean.classify`."""
    ways = int(labels.max()) + 1
    weights = initial_weights(len(support), ways, support.shape[2], support)
    biases = support.new_zeros(len(support), ways)
    return logits(fine_tuned([weights, biases], logits, support, labels), queries)


def logits(heads: Heads, features: Tensor) -> Tensor:
    """W f(x) + b, for every task."""
    weights, biases = heads
    return torch.baddbmm(biases[:, None], features, weights.mT)
