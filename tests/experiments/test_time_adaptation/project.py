"""A copy of the project with tiny synthetic data, in which jobs run for real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from common.data.prepare import write_prepared
from common.records.schema import Record
from common.runs.config import PaperConfig
from common.runs.execute import execute
from common.runs.plan import JobSpec, find_job

REPOSITORY = Path(__file__).parents[3]
TRACK = "experiments.test_time_adaptation"

TRAINING = {
    "epochs": 1,
    "batch_size": 20,
    "peak_learning_rate": 0.1,
    "warm_up": 0.25,
    "momentum": 0.9,
    "weight_decay": 0.0005,
    "label_smoothing": 0.0,
    "crop": 24,
    "padding": 0,
}
LEARNING = {"epochs": 2, "momentum": 0.9}
STEPS: dict[str, dict[str, Any]] = {
    "source_network": {
        "entry": f"{TRACK}.source_network",
        "methods": {"training": {}},
        "artefact": "network.pt",
        "datasets": ["cifar10"],
        "settings": {"dataset": "cifar10", "network": "resnet8_half", "classes": 10, "training": TRAINING},
    },
    "adaptation": {
        "entry": f"{TRACK}.adaptation",
        "needs": ["source_network"],
        "datasets": ["cifar10_corrupted"],
        "method_modules": True,
        "settings": {
            "dataset": "CIFAR-10-C",
            "corrupted": "cifar10_corrupted",
            "corrupted_images": "regenerated",
            "development_images": [24, 36],
            "test_images": [0, 24],
            "batch_size": 12,
        },
        "conditions": [
            {
                "split": ["development"],
                "corruption": ["speckle_noise"],
                "severity": [5],
                "learning_rate": [0.1, 1.0],
            },
            {"split": ["test"], "corruption": ["fog", "snow"], "severity": [5]},
        ],
        "only": {"source": [1], "bn_adapt": [1]},
        "methods": {"source": {}, "bn_adapt": {}, "ent": LEARNING, "rpl": LEARNING},
    },
}


@dataclass(frozen=True)
class Project:
    """A root with the project's code, data of its own, and the configuration of one paper."""

    root: Path
    config: PaperConfig

    def job(self, step: str, method: str, seed: int = 0) -> JobSpec:
        (scale,) = self.config.scales
        return find_job(self.config, scale, step, method, seed)

    def run(self, step: str, method: str, seed: int = 0, **folders: Path) -> list[Record]:
        """Run a job as the command line does, and read its records back."""
        spec = self.job(step, method, seed)
        execute(spec, self.config, self.root, folders)
        return [self.read(path) for path in spec.records]

    def read(self, path: Path) -> Record:
        return Record.model_validate_json((self.root / path).read_text())

    def files(self) -> set[str]:
        """Everything below results, partial files included."""
        found = (self.root / "results").rglob("*")
        return {path.relative_to(self.root / "results").as_posix() for path in found if path.is_file()}


def configuration(steps: Mapping[str, Any], scale: str = "smoke", paper: str = "toy_paper") -> PaperConfig:
    scales = {scale: {"seeds": 2, "steps": steps}}
    return PaperConfig.model_validate({"paper": paper, "track": "test_time_adaptation", "scales": scales})


def changed(step: str, **changes: Any) -> dict[str, Any]:
    """`STEPS` with changes to one step; those to its settings are merged into them."""
    settings = {**STEPS[step]["settings"], **changes.pop("settings", {})}
    return {**STEPS, step: {**STEPS[step], **changes, "settings": settings}}


def make_root(folder: Path) -> Path:
    """The project's code by links, and coloured squares for CIFAR-10: class after class, each of its hue."""
    for package in ("common", "experiments"):
        (folder / package).symlink_to(REPOSITORY / package)
    write_prepared("cifar10", _cifar10(), folder, {})
    names = ("speckle_noise_5", "fog_5", "snow_5")
    corrupted = {name: coloured_images(36, seed) for seed, name in enumerate(names, start=5)}
    write_prepared("cifar10_corrupted", [*corrupted.items(), ("labels", labels(36))], folder, {})
    return folder


def labels(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64) % 10


def coloured_images(count: int, seed: int, side: int = 32) -> np.ndarray:
    """Bytes `[count, side, side, 3]`: the colour of the class under strong noise."""
    generator = np.random.default_rng(seed)
    colours = np.random.default_rng(0).integers(60, 196, (10, 1, 1, 3))[labels(count)]
    noise = generator.normal(0, 50, (count, side, side, 3))
    return np.clip(colours + noise, 0, 255).astype(np.uint8)


def _cifar10() -> Iterable[tuple[str, np.ndarray]]:
    for split, count in (("train", 60), ("test", 30)):
        yield f"{split}_images", coloured_images(count, seed=count)
        yield f"{split}_labels", labels(count)
