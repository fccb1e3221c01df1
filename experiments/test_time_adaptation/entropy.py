"""Entropies and divergences of predictions: what most losses of adaptation are made of."""

from __future__ import annotations

from torch import Tensor


def entropy(logits: Tensor) -> Tensor:
    """-sum_c p_c log p_c of each row of logits `[batch, classes]`, in nats, `[batch]`."""
    return cross_entropy(logits, logits)


def cross_entropy(student: Tensor, teacher: Tensor) -> Tensor:
    """-sum_c q_c log p_c, q the teacher's softmax and p the student's, `[batch]`."""
    return -(teacher.softmax(dim=1) * student.log_softmax(dim=1)).sum(dim=1)


def entropy_of_mean(logits: Tensor) -> Tensor:
    """The entropy of the mean prediction of all rows, a scalar."""
    mean = logits.softmax(dim=1).mean(dim=0)
    return -(mean * mean.clamp_min(1e-30).log()).sum()
