"""Steps `pruning`, `windows`, `early`: train on what a score keeps, for as many steps as on all examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, validate
from experiments.unlearning.data_diet.settings import DietData, DietTraining

if TYPE_CHECKING:
    from experiments.unlearning.data_diet.keeping import Places
    from experiments.unlearning.data_diet.laboratory import Laboratory
    from experiments.unlearning.score_arrays import Scores


class Settings(StrictModel):
    """Which examples are kept; the conditions say how many, from where, and by whose scores.

    Attributes:
        keep: the highest or the lowest scores, or as many examples drawn at random.
        score, epoch: one of those that the step `scores` has measured.
        networks: that the score is the mean of; null: all.
        label_noise: that of the step `scores`.
    """

    data: DietData
    training: DietTraining
    keep: Literal["highest", "lowest", "random"]
    score: str | None = None
    epoch: int | None = Field(default=None, ge=0)
    networks: int | None = Field(default=None, ge=1)
    label_noise: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _ranks_by_something(self) -> Settings:
        if (self.keep == "random") != (self.score is None):
            raise ValueError("name a 'score' to keep the highest or the lowest of it, and none for 'random'")
        return self


class Cell(StrictModel):
    """One pruned set.

    Attributes:
        kept: the share of the examples.
        offset: of a window of the ascending scores; null: at the end that `keep` names.
        trained: the share of the training after which examples were scored, in place of the `epoch` of the
            settings.
    """

    kept: float
    offset: float | None = Field(default=None, ge=0, lt=1)
    trained: float | None = Field(default=None, ge=0, le=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train a fresh network on each condition's set, and yield its accuracy on validation and test images."""
    import numpy as np

    from experiments.unlearning.data_diet.laboratory import open_laboratory
    from experiments.unlearning.data_diet.resuming import Resumable

    laboratory = open_laboratory(job)
    cells = [validate(Cell, condition, f"Condition {condition}") for condition in job.conditions]
    kept = _kept_sets(job, laboratory, cells)
    start = laboratory.start("evaluation network", len(kept), alike=True)
    resumable = Resumable(job.checkpoints.progress("networks"))
    orders = laboratory.orders("evaluation order", kept)
    state = resumable.train(laboratory.learner, start, orders, laboratory.train)
    judged = laboratory.study.test, laboratory.study.validation
    test, validation = (laboratory.learner.accuracies(state.numbers, part) for part in judged)
    top = int(np.argmax([cell.offset or 0 for cell in cells]))
    for place, (condition, cell) in enumerate(zip(job.conditions, cells, strict=True)):
        metrics = {"accuracy": test[place], "validation_accuracy": validation[place]}
        if cell.offset is not None:
            metrics["gain_over_top"] = test[place] - test[top]
        yield Result(
            condition=condition,
            metrics=metrics | _composition(laboratory, kept[place]),
            protocol=laboratory.facts(len(kept[place]), _score_networks(job)),
        )


def _kept_sets(job: Job[Settings], laboratory: Laboratory, cells: list[Cell]) -> list[Places]:
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.unlearning.data_diet import keeping

    settings, count = job.settings, len(laboratory.train)
    if settings.keep == "random":
        chance = [
            np.random.default_rng(stream_seed(job.seed, f"random subset {cell.kept}")) for cell in cells
        ]
        return [keeping.random(count, cell.kept, draw) for cell, draw in zip(cells, chance, strict=True)]
    chosen = []
    for cell in cells:
        scores = _scores(job, laboratory, cell)
        if cell.offset is not None:
            chosen.append(keeping.window(scores, cell.kept, cell.offset))
        else:
            select = keeping.highest if settings.keep == "highest" else keeping.lowest
            chosen.append(select(scores, cell.kept))
    return chosen


def _scores(job: Job[Settings], laboratory: Laboratory, cell: Cell) -> Scores:
    from experiments.unlearning.data_diet.score_reading import mean_scores

    settings = job.settings
    epoch = settings.epoch if cell.trained is None else settings.training.epoch_at(cell.trained)
    if settings.score is None or epoch is None:
        raise BadInputError(
            f"Step '{job.step}' ranks by a score: give 'score' and 'epoch' in its settings, or 'trained' in "
            f"every condition in place of the latter."
        )
    return mean_scores(job, laboratory, settings.score, epoch, settings.networks)


def _score_networks(job: Job[Settings]) -> int | None:
    """How many networks the scores are the mean of."""
    from experiments.unlearning.data_diet.score_reading import score_path
    from experiments.unlearning.score_arrays import read_manifest

    if job.settings.keep == "random":
        return None
    if job.settings.networks is not None:
        return job.settings.networks
    return max(facts.networks for facts in read_manifest(score_path(job)).arrays.values())


def _composition(laboratory: Laboratory, kept: Places) -> dict[str, float]:
    """Percent of a kept set that are of its most and of its least frequent class, and mislabelled."""
    import numpy as np

    labels, classes = laboratory.train.labels[kept], laboratory.study.shape.classes
    shares = 100 * np.bincount(labels, minlength=classes) / len(kept)
    wrong = labels != laboratory.study.train.labels[kept]
    return {
        "largest_class_percent": float(shares.max()),
        "smallest_class_percent": float(shares.min()),
        "mislabelled_percent": float(100 * wrong.mean()),
    }
