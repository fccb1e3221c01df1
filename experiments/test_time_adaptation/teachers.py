"""Teachers whose weights are a moving average of their student's."""

from __future__ import annotations

import copy

import torch
from torch import nn


def teacher_of(student: nn.Module) -> nn.Module:
    """A copy of its own, which no gradient reaches."""
    return copy.deepcopy(student).requires_grad_(False)


@torch.no_grad()
def follow(teacher: nn.Module, student: nn.Module, pace: float) -> None:
    """Move the teacher's parameters by the share `pace` of the way to the student's."""
    for own, other in zip(teacher.parameters(), student.parameters(), strict=True):
        own.lerp_(other, pace)
