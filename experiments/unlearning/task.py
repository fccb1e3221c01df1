"""What an unlearning method is given, and what it must offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import nn

from common.checkpoints import Progress
from common.training.image_set import ImageSet
from common.training.seeding import generator
from common.training.settings import DescentSettings
from experiments.unlearning.settings import MethodSettings


@dataclass(frozen=True)
class Task:
    """One forget set to unlearn.

    Attributes:
        original: the network trained on everything, in evaluation mode; a method copies it before a change.
        initialise: gives an untrained network of the same architecture, another for each stream.
        forget, retain: the training images to forget, and all others.
        classes: of the classifier.
        learning_rate: chosen elsewhere; None for a method that doesn't learn.
        training: how the original was trained, and its first learning rate.
        progress: of the method's training in an earlier attempt, from which it goes on.
    """

    original: nn.Module
    initialise: Callable[[str], nn.Module]
    forget: ImageSet
    retain: ImageSet
    classes: int
    settings: MethodSettings
    learning_rate: float | None
    training: tuple[DescentSettings, float]
    seed: int
    progress: Progress = field(default_factory=Progress)

    def generator(self, stream: str) -> torch.Generator:
        """A CPU generator for one use of chance."""
        return generator(self.seed, f"unlearning/{stream}")


class Unlearner(Protocol):
    """What a method's module offers. `LEARNS` says whether it has a learning rate to choose."""

    LEARNS: bool

    @staticmethod
    def unlearn(task: Task) -> nn.Module:
        """The network after unlearning; `task.original` is left as it was."""
