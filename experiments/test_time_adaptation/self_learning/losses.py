"""The losses of self-learning, equation by equation (section 2 of the paper, arXiv 2104.12928).

All take logits `[batch, classes]` already divided by their temperatures and return the batch mean.
p_s is the student's softmax, p_t the teacher's; no gradient flows through the teacher's logits but
for `entropy`, where teacher and student are one.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.test_time_adaptation.entropy import cross_entropy


def hard_pseudo_label(student: Tensor, teacher: Tensor) -> Tensor:
    """-log p_s(y), y = argmax p_t."""
    return F.cross_entropy(student, teacher.argmax(dim=1))


def soft_pseudo_label(student: Tensor, teacher: Tensor) -> Tensor:
    """-sum_i p_t(i) log p_s(i)."""
    return cross_entropy(student, teacher).mean()


def entropy(student: Tensor, teacher: Tensor) -> Tensor:
    """-sum_i p(i) log p(i): the soft pseudo-label loss whose teacher is the student, gradient included."""
    return soft_pseudo_label(student, teacher)


def robust_pseudo_label(student: Tensor, teacher: Tensor, q: float) -> Tensor:
    """(1 - p_s(y)^q) / q, y = argmax p_t: generalised cross-entropy (Zhang and Sabuncu 2018).

    For q -> 0 it becomes cross-entropy, for q = 1 the mean absolute error.
    """
    log_probability = student.log_softmax(dim=1).gather(1, teacher.argmax(dim=1, keepdim=True))
    # -expm1(q log p) / q keeps its digits where p^q is close to 1.
    return (-torch.expm1(q * log_probability) / q).mean()
