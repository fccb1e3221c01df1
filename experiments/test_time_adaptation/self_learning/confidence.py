"""Confidence thresholds: images whose label the teacher doubts teach nothing (table 7 of the paper)."""

from __future__ import annotations

from torch import Tensor

from experiments.test_time_adaptation.self_learning.self_training import Loss


def above(threshold: float, loss: Loss) -> Loss:
    """`loss`, a batch mean, over the images whose highest teacher probability reaches `threshold`.

    Where none does, the loss is zero and so is its gradient.
    """

    def of_the_sure(student: Tensor, teacher: Tensor) -> Tensor:
        sure = teacher.softmax(dim=1).amax(dim=1) >= threshold
        return loss(student[sure], teacher[sure]) if sure.any() else (student * 0).sum()

    return of_the_sure
