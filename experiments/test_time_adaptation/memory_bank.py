"""RoTTA's memory: a few recent and certain images, evenly of the classes that the network sees in them.

Yuan, Xie, Li: Robust Test-Time Adaptation in Dynamic Scenarios, CVPR 2023, arXiv 2303.13899, section 3.2
(CSTU).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(eq=False)
class Item:
    """One image `[channels, h, w]`, the class predicted, the entropy of the prediction, and steps since it
    came."""

    image: Tensor
    label: int
    entropy: float
    age: int = 0


class MemoryBank:
    """At most `capacity` items."""

    def __init__(self, capacity: int, classes: int) -> None:
        self.capacity, self.classes = capacity, classes
        self.items: list[Item] = []

    def add(self, image: Tensor, label: int, entropy: float) -> None:
        """Take the image in, in the place of a worse one where there is no room; all items grow older."""
        newcomer = Item(image, label, entropy)
        if self._makes_room(newcomer):
            self.items.append(newcomer)
        for item in self.items:
            item.age += 1

    def images(self) -> tuple[Tensor, Tensor]:
        """Images `[n, channels, h, w]` and their ages `[n]` as shares of the capacity."""
        ages = torch.tensor([item.age for item in self.items], dtype=torch.float32)
        return torch.stack([item.image for item in self.items]), ages / self.capacity

    def score(self, item: Item) -> float:
        """How much an item deserves to go: it is old, or its prediction unsure."""
        timeliness = 1 / (1 + math.exp(-item.age / self.capacity))
        return timeliness + item.entropy / math.log(self.classes)

    def _makes_room(self, newcomer: Item) -> bool:
        """Whether there is a place: a free one, or that of the worst of the classes which have too many."""
        own = sum(item.label == newcomer.label for item in self.items)
        if own >= self.capacity / self.classes:
            rivals = {newcomer.label}
        elif len(self.items) < self.capacity:
            return True
        else:
            counts = [sum(item.label == label for item in self.items) for label in range(self.classes)]
            rivals = {label for label, count in enumerate(counts) if count == max(counts)}
        worst = max((item for item in self.items if item.label in rivals), key=self.score)
        if self.score(worst) <= self.score(newcomer):
            return False
        self.items.remove(worst)
        return True
