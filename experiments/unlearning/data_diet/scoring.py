"""Step `scores`: train an ensemble, score every training example at several epochs, and keep the means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, validate
from experiments.unlearning.data_diet.settings import DietData, DietTraining

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from experiments.unlearning.data_diet.laboratory import Laboratory
    from experiments.unlearning.data_diet.looks import Looks


class Settings(StrictModel):
    """What is scored by which networks; the conditions say how far they are `trained` when looked at.

    Attributes:
        networks: R, that a score is averaged over.
        grand_epochs: epochs at which GraNd is measured, too.
        gradients_at_once: examples whose gradients are held at a time, for each network.
        label_noise: the share of training labels that is randomised before anything is trained.
    """

    data: DietData
    training: DietTraining
    networks: int = Field(ge=1)
    grand_epochs: list[int] = []
    gradients_at_once: int = Field(default=50, ge=1)
    label_noise: float = Field(default=0.0, ge=0, lt=1)


class Moment(StrictModel):
    """When to look at the networks, as a share of the training; 0: at initialisation, 1: at its end."""

    trained: float = Field(ge=0, le=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train and score, keep the file of scores as the artefact, and yield how each epoch's agree."""
    from experiments.unlearning.data_diet.laboratory import open_laboratory
    from experiments.unlearning.data_diet.looks import Looks
    from experiments.unlearning.score_arrays import save_scores

    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its scores in: name it scores.npz.")
    laboratory, settings = open_laboratory(job), job.settings
    looks = Looks(
        laboratory, _epochs(job), settings.networks, settings.grand_epochs, settings.gradients_at_once
    )
    looks.train(job.checkpoints.progress("score networks"))
    data = settings.data
    save_scores(job.artefact, data.dataset, laboratory.study.data_hash, settings.label_noise, looks.scores())
    for condition in job.conditions:
        yield Result(
            condition=condition,
            metrics=_metrics(condition, laboratory, looks),
            protocol=laboratory.facts(len(laboratory.train), settings.networks),
        )


def _epochs(job: Job[Settings]) -> list[int]:
    moments = [validate(Moment, condition, f"Condition {condition}").trained for condition in job.conditions]
    if max(moments) < 1:
        raise BadInputError(
            f"Step '{job.step}' looks at networks trained to {moments}, but scores are compared with those "
            f"at the end; add 'trained: 1.0' to its conditions."
        )
    return sorted({job.settings.training.epoch_at(moment) for moment in moments})


def _metrics(condition: dict[str, Scalar], laboratory: Laboratory, looks: Looks) -> dict[str, float]:
    """Rank correlations of an epoch's scores, and how accurate the networks are by then."""
    import numpy as np

    from experiments.unlearning.difficulty.ranks import rank_correlation

    training = laboratory.settings.training
    epoch, last = training.epoch_at(float(condition["trained"])), looks.epochs[-1]
    el2n, forgetting = looks.mean("el2n", epoch), looks.mean("forgetting", epoch)
    metrics = {
        "validation_accuracy": looks.validation_accuracy(epoch),
        "el2n_with_final": rank_correlation(el2n, looks.mean("el2n", last)),
        "forgetting_with_final": rank_correlation(forgetting, looks.mean("forgetting", last)),
        "el2n_with_final_forgetting": rank_correlation(el2n, looks.mean("forgetting", last)),
        "one_network_with_mean": rank_correlation(looks.single("el2n", epoch), el2n),
        "el2n_with_margin": rank_correlation(el2n, looks.mean("max_margin", epoch)),
    }
    if epoch in looks.grand_epochs:
        grand, pixels = looks.mean("grand", epoch), np.asarray(laboratory.train.pixels, np.float64)
        norms = np.sqrt(np.square(pixels).sum(axis=(1, 2, 3)))
        metrics["el2n_with_grand"] = rank_correlation(el2n, grand)
        metrics["grand_with_input_norm"] = rank_correlation(grand, norms)
        metrics["one_network_grand_with_mean"] = rank_correlation(looks.single("grand", epoch), grand)
    wrong = laboratory.train.labels != laboratory.study.train.labels
    if wrong.any():
        metrics["mislabelled_in_top_percent"] = _share_in_top(el2n, wrong)
    return metrics


def _share_in_top(scores: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """How many of the highest scores are mislabelled, in percent, of as many as there are mislabelled."""
    import numpy as np

    top = np.argsort(scores, kind="stable")[len(scores) - int(wrong.sum()) :]
    return float(100 * wrong[top].mean())
