"""Images that many arms of one process are trained on, or judged beside: read once for each seed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from common.runs.job import Job
from common.training.device import best_device
from experiments.few_shot.class_images import ClassImages, load_class_images
from experiments.few_shot.settings import DataSettings

SEEDS = 5  # of a process that runs arm after arm; elsewhere one arm and seed has its own process


def shared_images(job: Job[Any]) -> ClassImages:
    """As `load_class_images` gives them; nobody changes them. Raises what it raises."""
    folders = tuple(sorted(job.folders.items()))
    settings = job.settings.data.model_dump_json(exclude_unset=True)
    return _read(settings, job.root, folders, job.seed)


@lru_cache(maxsize=SEEDS)
def _read(settings: str, root: Path, folders: tuple[tuple[str, Path], ...], seed: int) -> ClassImages:
    return load_class_images(
        DataSettings.model_validate_json(settings), root, dict(folders), seed, best_device()
    )
