"""A root with the project's code and tiny images, and the configurations of papers at a scale, cut down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from common.data.prepare import write_prepared
from common.runs.config import PaperConfig
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

TRACK = REPOSITORY / "experiments/architecture_comparison"
AMOUNTS: dict[str, Any] = {
    "epochs": 1,
    "images": 4,
    "validation": 4,
    "test_images": 4,
    "shift_images": 4,
    "field_images": 2,
    "reach": 1,
    "compiled": False,
    "batches": 1,
    "rounds": 1,
}


def cut(value: Any) -> Any:
    """The settings with every amount made small; networks and the rest of the recipe are real."""
    if not isinstance(value, dict):
        return value
    small = {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    return small | {"images": 4} if "dataset" in value else small


def config(paper: str, scale: str) -> PaperConfig:
    """The paper's configuration as committed, at one scale, one seed, every amount cut."""
    whole = yaml.safe_load((TRACK / paper / "config.yaml").read_text())
    steps = {
        name: {**step, "settings": cut(step["settings"]), "methods": cut(step["methods"])}
        for name, step in whole["scales"][scale]["steps"].items()
    }
    return PaperConfig.model_validate({**whole, "scales": {scale: {"seeds": 1, "steps": steps}}})


def project(root: Path, paper: str, scale: str) -> Project:
    """A copy of the project in which jobs of the paper run for real."""
    for package in ("common", "experiments"):
        (root / package).symlink_to(REPOSITORY / package)
    for name, shape in (("cifar10", (32, 32, 3)), ("fashion_mnist", (28, 28)), ("mnist", (28, 28))):
        arrays: list[tuple[str, np.ndarray]] = []
        for split in ("train", "test"):
            arrays += [(f"{split}_images", noise(12, shape)), (f"{split}_labels", np.arange(12) % 10)]
        write_prepared(name, arrays, root, {})
    return Project(root, config(paper, scale))


def noise(count: int, shape: tuple[int, ...]) -> np.ndarray:
    """Bytes `[count, *shape]`."""
    return np.random.default_rng(count).integers(0, 256, (count, *shape)).astype(np.uint8)


def cifar100_folder(folder: Path, classes: int = 3, images: int = 4) -> Path:
    """Images of noise in the folders that CIFAR-100 is read from."""
    for split in ("train", "test"):
        for label in range(classes):
            place = folder / split / f"class_{label}"
            place.mkdir(parents=True)
            for number, pixels in enumerate(noise(images, (32, 32, 3))):
                Image.fromarray(pixels).save(place / f"{number}.png")
    return folder
