"""A root with coloured squares of ten classes, and jobs on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from common.data.prepare import write_prepared
from common.records.schema import Scalar
from common.runs.job import Job
from common.training.image_set import ImageSet
from common.training.images import Standardise

DATA = {"dataset": "cifar10", "base": 5, "novel": 5, "margin": 1}
TRAINING = {"epochs": 2, "batch_size": 20}
TASKS = {"ways": 5, "shots": 1, "queries": 2, "episodes": 4, "learning_rate": 0.001}
EPISODES = {"ways": 5, "queries": 2, "episodes": 4}


def squares(count: int, seed: int, side: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Bytes `[count, side, side, 3]` of the colour of their class under noise, and labels."""
    labels = np.arange(count, dtype=np.int64) % 10
    colours = np.random.default_rng(0).integers(40, 216, (10, 1, 1, 3))[labels]
    noise = np.random.default_rng(seed).normal(0, 30, (count, side, side, 3))
    return np.clip(colours + noise, 0, 255).astype(np.uint8), labels


def make_root(folder: Path, side: int = 8, test_images: int = 60) -> Path:
    arrays: list[tuple[str, np.ndarray]] = []
    for split, count in (("train", 80), ("test", test_images)):
        images, labels = squares(count, count, side)
        arrays += [(f"{split}_images", images), (f"{split}_labels", labels)]
    write_prepared("cifar10", arrays, folder, {})
    return folder


def image_set(count: int = 40, side: int = 8) -> ImageSet:
    images, labels = (torch.from_numpy(part) for part in squares(count, 1, side))
    return ImageSet(images, labels, Standardise.of(images), margin=1)


def job(
    root: Path, settings: Any, conditions: list[dict[str, Scalar]] | None = None, **changes: Any
) -> Job[Any]:
    facts: dict[str, Any] = {
        "track": "few_shot",
        "paper": "toy_paper",
        "scale": "smoke",
        "step": "step",
        "method": "method",
        "seed": 0,
    }
    return Job(settings=settings, conditions=conditions or [{}], root=root, **(facts | changes))
