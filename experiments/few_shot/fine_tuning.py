"""A new head for each task by a hundred steps of SGD, for all tasks at once: Baseline and Baseline++.

Chen, Liu, Kira, Wang, Huang: A Closer Look at Few-shot Classification, ICLR 2019, arXiv 1904.04232: the
embedding is frozen and a head is trained on the support: 100 iterations, batches of 4, SGD with learning
rate 0.01, momentum 0.9, dampening 0.9, weight decay 0.001 (official code). Deviation: batches are drawn
independently, each without repetition; the official code goes through the support in turn.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from common.training.seeding import generator

ITERATIONS, BATCH = 100, 4
RATE, MOMENTUM, DAMPENING, WEIGHT_DECAY = 0.01, 0.9, 0.9, 0.001

Heads = list[Tensor]  # weights `[episodes, ways, dimension]`, and what else a head has
Logits = Callable[[Heads, Tensor], Tensor]


def fine_tuned(heads: Heads, logits: Logits, support: Tensor, labels: Tensor) -> Heads:
    """The heads of all tasks after training; their start is given, and each task draws its own batches.

    Batches are drawn from a stream of their own, the same at every seed: a learner is no more than its task.
    """
    draws = generator(0, "batches of fine-tuning")
    size = min(BATCH, len(labels))
    velocities: Heads | None = None
    for _ in range(ITERATIONS):
        keys = torch.rand(len(support), len(labels), generator=draws)
        chosen = keys.argsort(dim=1)[:, :size].to(support.device)
        batch = support.gather(1, chosen[..., None].expand(-1, -1, support.shape[2]))
        gradients = _gradients(heads, logits, batch, labels[chosen])
        decayed = [g + WEIGHT_DECAY * head for g, head in zip(gradients, heads, strict=True)]
        velocities = (
            decayed  # torch's SGD dampens no first step
            if velocities is None
            else [MOMENTUM * v + (1 - DAMPENING) * g for v, g in zip(velocities, decayed, strict=True)]
        )
        heads = [head - RATE * velocity for head, velocity in zip(heads, velocities, strict=True)]
    return heads


def _gradients(heads: Heads, logits: Logits, batch: Tensor, labels: Tensor) -> list[Tensor]:
    """Of each task's mean loss: the sum over tasks has them all, as no head enters another's loss."""
    leaves = [head.detach().requires_grad_() for head in heads]
    with torch.enable_grad():
        losses = F.cross_entropy(logits(leaves, batch).mT, labels, reduction="none").mean(1)
        return list(torch.autograd.grad(losses.sum(), leaves))


def initial_weights(tasks: int, ways: int, dimension: int, like: Tensor) -> Tensor:
    """Uniform within ± 1 / √dimension, as torch's linear layers, the same for every task."""
    draws = generator(0, "heads of fine-tuning")
    weights: Tensor = (2 * torch.rand(ways, dimension, generator=draws) - 1) * dimension**-0.5
    return weights.to(like).expand(tasks, -1, -1)
