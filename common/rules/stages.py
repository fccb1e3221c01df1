"""Which stage of dvc.yaml makes a data set."""

from __future__ import annotations

import functools
from pathlib import Path

from common.strict import BadInputError, read_yaml, suggest


def stage_of(dataset: str, root: Path) -> str:
    """Name of the stage whose output is data/prepared/<dataset>, as `dvc repro` takes it."""
    stages = _stages(root)
    if dataset not in stages:
        raise BadInputError(f"No stage of dvc.yaml makes the data set '{dataset}'.{suggest(dataset, stages)}")
    return stages[dataset]


@functools.cache
def _stages(root: Path) -> dict[str, str]:
    found = {}
    for name, stage in read_yaml(root / "dvc.yaml")["stages"].items():
        outputs = stage.get("do", stage)["outs"]
        prepared = next(Path(out).name for out in map(_path, outputs) if out.startswith("data/prepared/"))
        for item in stage.get("foreach", [None]):
            key = str(item)
            found[prepared.replace("${item}", key).replace("${key}", key)] = f"{name}@{key}" if item else name
    return found


def _path(output: str | dict[str, object]) -> str:
    return output if isinstance(output, str) else next(iter(output))
