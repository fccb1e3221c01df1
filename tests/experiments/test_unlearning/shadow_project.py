"""Tiny images, settings and jobs for the tests of shadow networks and of what is read from them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from common.data.prepare import write_prepared
from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.unlearning import shadows
from experiments.unlearning.forget_sets import ForgetSets

CLASSES = 3
TRAIN = 54  # of 60, the others are for validation
DATA = {
    "dataset": "fashion_mnist",
    "network": "resnet8_quarter",
    "classes": CLASSES,
    "validation_share": 0.1,
}
TRAINING = {
    "data": DATA,
    "training": {"epochs": 2, "batch_size": 9, "schedule": "cosine"},
    "training_rate": 0.1,
}
RATIO = 0.2


def make_root(folder: Path) -> Path:
    """Grey squares as bright as their class, under noise."""
    generator = np.random.default_rng(0)
    arrays: list[tuple[str, np.ndarray]] = []
    for split, count in (("train", 60), ("test", 30)):
        labels = np.arange(count, dtype=np.int64) % CLASSES
        images = 60 + 60 * labels[:, None, None] + generator.normal(0, 40, (count, 8, 8))
        arrays += [
            (f"{split}_images", np.clip(images, 0, 255).astype(np.uint8)),
            (f"{split}_labels", labels),
        ]
    write_prepared("fashion_mnist", arrays, folder, {})
    return folder


def job(
    root: Path,
    settings: Any,
    conditions: list[dict[str, Scalar]] | None = None,
    method: Any = None,
    **changes: Any,
) -> Job[Any]:
    facts: dict[str, Any] = {
        "track": "unlearning",
        "paper": "toy",
        "scale": "smoke",
        "step": "toy",
        "method": "toy",
        "seed": 0,
    }
    facts |= {"settings": settings, "conditions": conditions or [{}], "root": root, "implementation": method}
    return Job(**{**facts, **changes})


def train_shadows(root: Path, seed: int = 0, name: str = "shadows.pt") -> tuple[Path, Result]:
    """Six networks for two epochs."""
    path = root / name
    settings = shadows.Settings.model_validate({**TRAINING, "count": 6})
    (result,) = shadows.run(job(root, settings, seed=seed, artefact=path))
    return path, result


def write_forget_sets(root: Path) -> Path:
    """Twelve random places, and twelve that the search found; they share four."""
    path = root / "forget_sets.npz"
    sets = {("random", RATIO): np.arange(12), ("worst", RATIO): np.arange(8, 20)}
    weights = np.where(np.isin(np.arange(TRAIN), np.arange(8, 20)), 0.9, 0.1) + np.arange(TRAIN) / 1000
    ForgetSets(sets, {RATIO: weights}).save(path)
    return path


def image_set(images: Tensor, labels: list[int]) -> ImageSet:
    """Images whose bytes the network sees as they are."""
    channels = images.shape[-1]
    return ImageSet(images, torch.tensor(labels), Standardise(torch.zeros(channels), torch.ones(channels)))


def module(learns: bool, unlearn: Any) -> ModuleType:
    """What stands for the module of a method."""
    made: Any = ModuleType("toy_method")
    made.LEARNS, made.unlearn = learns, unlearn
    found: ModuleType = made
    return found
