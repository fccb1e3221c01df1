"""A root with coloured squares of ten classes, and jobs of discovery on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common.runs.job import Job, Result
from common.training.image_set import ImageSet
from experiments.novel_class_discovery import supervised_start
from experiments.novel_class_discovery.cr_kd_ncd import discovery
from tests.experiments.test_few_shot import project as few_shot

DATA: dict[str, Any] = {"dataset": "cifar10", "known": 5, "novel": 5, "margin": 1}
TRAINING = {"epochs": 2, "batch_size": 20, "schedule": "cosine"}
BACKBONE = "resnet8_quarter"
START: dict[str, Any] = {"data": DATA, "backbone": BACKBONE, "training": TRAINING, "training_rate": 0.1}
DISCOVERY: dict[str, Any] = {
    **START,
    "objective": "uno",
    "heads": 2,
    "hidden": 16,
    "projected": 8,
    "drawn": 2,
    "chosen_on": "nothing",
}


def make_root(folder: Path, side: int = 12) -> Path:
    return few_shot.make_root(folder, side, test_images=40)


def image_set() -> ImageSet:
    return few_shot.image_set(side=12)


def job(root: Path, settings: Any, **changes: Any) -> Job[Any]:
    facts: dict[str, Any] = {
        "track": "novel_class_discovery",
        "paper": "toy_paper",
        "scale": "smoke",
        "step": "step",
        "method": "method",
        "seed": 0,
        "conditions": [{}],
    }
    return Job(settings=settings, root=root, **(facts | changes))


def start(root: Path, artefact: Path, seed: int = 0, **changes: Any) -> Result:
    """Run stage 1."""
    settings = supervised_start.Settings.model_validate({**START, **changes})
    (result,) = supervised_start.run(job(root, settings, artefact=artefact, seed=seed))
    return result


def discover(root: Path, artefact: Path, seed: int = 0, **changes: Any) -> tuple[Result, Result]:
    """Run stage 2: what was found among images without a label, and on test images."""
    checkpoints = {name: changes.pop(name) for name in ("checkpoints",) if name in changes}
    settings = discovery.Settings.model_validate({**DISCOVERY, **changes})
    conditions: Any = [{"evaluated": "unlabelled"}, {"evaluated": "test"}]
    inputs = {"supervised": artefact}
    unlabelled, test = discovery.run(
        job(root, settings, inputs=inputs, seed=seed, conditions=conditions, **checkpoints)
    )
    return unlabelled, test
