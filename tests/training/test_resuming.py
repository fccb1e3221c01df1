"""Trainings that die at random steps go on from their checkpoint, and end with the same bits."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from common.checkpoints import Checkpoints, Progress
from common.training.classifier import train_classifier
from common.training.descent import Descent, cross_entropy
from common.training.device import place
from common.training.image_set import Batch, ImageSet
from common.training.images import Standardise
from common.training.seeding import generator, seeded_initialisation
from common.training.settings import DescentSettings, TrainingSettings

EPOCHS = 6
VARIANTS: list[dict[str, Any]] = [
    {},
    {"nesterov": True, "weight_decay": 0.0, "schedule": "linear", "warm_up": 0.2},
    {"momentum": 0.0},
]


class KilledError(Exception):
    """Stands for the signal."""


def network() -> nn.Module:
    with seeded_initialisation(0):
        layers = [nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3)]
        return place(nn.Sequential(*layers, nn.Linear(64, 2)), torch.device("cpu"))


def image_set() -> ImageSet:
    images = torch.randint(0, 256, (24, 6, 6, 3), generator=generator(5, "images"), dtype=torch.uint8)
    return ImageSet(images, torch.arange(24) % 2, Standardise.of(images), margin=1)


def descend(progress: Progress, dies_at: int = -1, **changes: Any) -> tuple[Any, ...]:
    """Train on relabelled images, gather what was seen; KilledError at the step `dies_at`."""
    torch.manual_seed(3)
    model, data, labels = network(), image_set(), generator(0, "labels")
    memory: dict[str, Any] = {"correct": torch.zeros(EPOCHS, 24, dtype=torch.bool)}
    steps = 0

    def observe(batch: Batch, logits: Tensor, epoch: int) -> None:
        nonlocal steps
        if steps == dies_at:
            raise KilledError
        steps += 1
        if epoch == 2 and "early" not in memory:
            memory["early"] = {name: value.clone() for name, value in model.state_dict().items()}
        memory["correct"][epoch, batch.places] = logits.argmax(dim=1) == batch.labels

    def relabelled(epoch: int) -> ImageSet:
        return data.with_labels(torch.randint(2, (24,), generator=labels))

    settings = DescentSettings(**{"epochs": EPOCHS, "batch_size": 6, "schedule": "cosine", **changes})
    descent = Descent(model, settings, 0.1, cross_entropy, observe=observe, memory=memory)
    losses = descent.run(relabelled, generator(0, "order"), progress)
    return losses, model.state_dict(), memory["correct"], memory["early"]


def same(first: Any, second: Any) -> bool:
    if isinstance(first, Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[name], second[name]) for name in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


@pytest.mark.parametrize("changes", VARIANTS)
@pytest.mark.parametrize("seed", range(3))
def test_a_descent_that_died_twice_ends_with_the_same_bits(
    tmp_path: Path, changes: dict[str, Any], seed: int
) -> None:
    undisturbed = descend(Progress(), **changes)
    for _ in range(2):
        attempt = Checkpoints(tmp_path / "job", interval=0).progress("training")
        with pytest.raises(KilledError):
            descend(attempt, dies_at=Random(seed).randrange(4, 8), **changes)
    resumed = Checkpoints(tmp_path / "job", interval=0)
    assert same(descend(resumed.progress("training"), **changes), undisturbed)
    assert resumed.resumed


def test_a_descent_that_had_ended_runs_no_further_step(tmp_path: Path) -> None:
    undisturbed = descend(Checkpoints(tmp_path / "job", interval=0).progress("training"))
    again = descend(Checkpoints(tmp_path / "job", interval=0).progress("training"), dies_at=0)
    assert same(again, undisturbed)


class Dying(Progress):
    """Dies before the given save, as if the process had been killed in that epoch."""

    def __init__(self, checkpoints: Checkpoints, saves: int) -> None:
        super().__init__(checkpoints, "training")
        self._left = saves

    def save(self, state: Any) -> None:
        if self._left == 0:
            raise KilledError
        self._left -= 1
        super().save(state)


@pytest.mark.parametrize("epochs", [1, 2, 4])
def test_a_classifier_that_died_ends_with_the_same_bits(tmp_path: Path, epochs: int) -> None:
    settings = TrainingSettings(
        epochs=5, batch_size=6, peak_learning_rate=0.1, warm_up=0.25, momentum=0.9, weight_decay=0.0005,
        label_smoothing=0.1, crop=6, padding=1,
    )  # fmt: skip

    def train(progress: Progress) -> tuple[Any, ...]:
        torch.manual_seed(3)
        model, data = network(), image_set()
        losses = train_classifier(model, data.images, data.labels, settings, 0, progress)
        return losses, model.state_dict()

    undisturbed = train(Progress())
    with pytest.raises(KilledError):
        train(Dying(Checkpoints(tmp_path / "job", interval=0), epochs))
    assert same(train(Checkpoints(tmp_path / "job", interval=0).progress("training")), undisturbed)
