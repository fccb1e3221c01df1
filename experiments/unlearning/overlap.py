"""Step `overlap`: do different seeds choose the same images to forget?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from statistics import fmean

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.unlearning.settings import DataSettings


class Settings(StrictModel):
    """What the forget sets were chosen from."""

    data: DataSettings


class OverlapFacts(StrictModel):
    """What makes two overlaps comparable.

    Attributes:
        repetitions: forget sets, each of its own seed; all pairs of them are compared.
    """

    dataset: str
    network: str
    training_images: int
    forget_images: int
    repetitions: int
    deterministic: bool = False


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each kind of forget set, its mean overlap over pairs of seeds, and that of chance."""
    import torch

    from experiments.unlearning.forget_sets import ForgetSets, overlap
    from experiments.unlearning.splits import load_splits

    paths = _paths(job)
    data = job.settings.data
    images = len(load_splits(data, job.root, torch.device("cpu")).train)
    repetitions = [ForgetSets.load(path) for path in paths]
    for condition in job.conditions:
        kind, ratio = str(condition["forget_set"]), float(condition["ratio"])
        chosen = [torch.from_numpy(sets.places(kind, ratio)) for sets in repetitions]
        pairs = [overlap(first, second) for first, second in combinations(chosen, 2)]
        size = len(chosen[0])
        yield Result(
            condition=condition,
            metrics={"overlap_percent": fmean(pairs), "chance_percent": 100 * size / images},
            protocol=OverlapFacts(
                dataset=data.dataset,
                network=data.network,
                training_images=images,
                forget_images=size,
                repetitions=len(paths),
            ),
            curves={"overlap": pairs},
        )


def _paths(job: Job[Settings]) -> list[Path]:
    paths = [path for found in job.gathered.values() for path in found]
    if len(paths) < 2:
        raise BadInputError(
            f"Step '{job.step}' gathered {len(paths)} file(s) of forget sets, and an overlap takes two. "
            f"Let 'gathers' name the step that selects, with 2 or more seeds."
        )
    return paths
