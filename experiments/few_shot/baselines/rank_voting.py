"""Rank votes of a visual memory that holds the support of one task (Geirhos et al., arXiv 2408.08172).

With one shot the closest item decides. The memory itself, with deletion, is `visual_memory.py`.
"""

from __future__ import annotations

from torch import Tensor

from experiments.few_shot.visual_memory import VisualMemory


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Votes `[episodes, questions, ways]` of all supports; arguments as in `nearest_class_mean.classify`."""
    return VisualMemory.of(support, labels).votes(queries, int(labels.max()) + 1)
