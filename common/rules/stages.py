"""How a data set is prepared: by which stage of dvc.yaml, or by which command where it has none."""

from __future__ import annotations

import functools
from pathlib import Path

from common.data.manifests import PREPARED
from common.strict import BadInputError, read_yaml, suggest

# Made on demand, and in no stage: a plain `dvc repro` should not take their gigabytes.
_WITHOUT_STAGE = {
    "cifar10_corrupted_full": [
        "dvc repro prepare@cifar10 prepare@frost_photographs",
        "python -m common.data.corruptions cifar10 --full",
    ],
    "fashion_mnist_corrupted_full": [
        "dvc repro prepare@fashion_mnist prepare@frost_photographs",
        "python -m common.data.corruptions fashion_mnist --full",
    ],
    "cifar10_c": ["python -m common.data cifar10_c"],
    "cifar100_c": ["python -m common.data cifar100_c"],
}


def preparation(dataset: str, root: Path) -> list[str]:
    """The commands that make data/prepared/<dataset>; raises BadInputError for an unknown data set."""
    if dataset in _WITHOUT_STAGE:
        return _WITHOUT_STAGE[dataset]
    stages = stages_by_dataset(root)
    if dataset not in stages:
        known = [*stages, *_WITHOUT_STAGE]
        raise BadInputError(f"No stage of dvc.yaml makes the data set '{dataset}'.{suggest(dataset, known)}")
    return [f"dvc repro {stages[dataset]}"]


@functools.cache
def stages_by_dataset(root: Path) -> dict[str, str]:
    """Data set -> the stage whose output it is, as `dvc repro` takes it."""
    found = {}
    for name, stage in read_yaml(root / "dvc.yaml")["stages"].items():
        outputs = stage.get("do", stage).get("outs", [])
        for prepared in (out.name for out in map(_path, outputs) if out.parent == PREPARED):
            for item in stage.get("foreach", [None]):
                key = str(item)
                dataset = prepared.replace("${item}", key).replace("${key}", key)
                found[dataset] = f"{name}@{key}" if item else name
    return found


def _path(output: str | dict[str, object]) -> Path:
    return Path(output if isinstance(output, str) else next(iter(output)))
