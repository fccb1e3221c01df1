"""Settings of the steps: data, method and hyperparameters, apart from the code that imports torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from common.strict import StrictModel

Kind = Literal[
    "k_means",
    "spectral_clustering",
    "ncd_k_means",
    "ncd_spectral_clustering",
    "pbn",
    "baseline",
    "tabular_ncd",
]
Hyperparameters = dict[str, float]


class TrainingSettings(StrictModel):
    """How a network is trained.

    Attributes:
        most_steps: ends a training before its epochs are over; null: never.
        pretraining_epochs: TabularNCD's, on masked rows.
        queue: rows without a label of earlier batches that TabularNCD forms pairs with.
    """

    epochs: int = Field(default=200, ge=1)
    most_steps: int | None = Field(default=None, ge=1)
    batch_size: int = Field(default=512, ge=2)
    weight_decay: float = Field(default=0.01, ge=0)
    pretraining_epochs: int = Field(default=30, ge=0)
    queue: int = Field(default=2000, ge=0)


class EstimationSettings(StrictModel):
    """How classes are counted: 2 to `most` are tried, by so many runs of k-means, on at most so many rows."""

    most: int = Field(default=30, ge=3)
    runs: int = Field(default=3, ge=1)
    most_rows: int | None = Field(default=None, ge=3)


class MethodSettings(StrictModel):
    """A method, and what of it isn't a hyperparameter that is searched for.

    Attributes:
        latents: what PBN's and the baseline's rows are clustered by: latents of unit length, as trained, or
            `raw` ones, as released.
        power: of distances in the seeding and inertia of NCD k-means: "plain" as released.
        min_dist: of plain spectral clustering, by whether the number of classes is known.
        labelled_rows, context_rows: spectral clustering takes a random part of as many; null: all.
    """

    kind: Kind
    training: TrainingSettings = TrainingSettings()
    estimation: EstimationSettings = EstimationSettings()
    latents: Literal["unit", "raw"] = "unit"
    power: Literal["squared", "plain"] = "squared"
    min_dist: dict[Literal["known", "estimated"], float] = {"known": 0.6, "estimated": 0.001}
    labelled_rows: int | None = Field(default=None, ge=1)
    context_rows: int | None = Field(default=None, ge=0)


class StepSettings(StrictModel):
    """What every step that runs a method is told.

    Attributes:
        most_rows: of training and of test, the first so many after shuffling; null: all.
    """

    method: MethodSettings
    most_rows: int | None = Field(default=None, ge=10)


class SearchSettings(StepSettings):
    """A random search.

    Attributes:
        trials: hyperparameters that are drawn and tried.
        most_folds: of hidden classes; null: as many as hide each known class.
        given_trials: tried in place of drawn ones.
        most_scored: rows of hidden classes that are scored in a fold, at random; null: all.
        search_estimation: how classes are counted within the search.
    """

    trials: int = Field(ge=1)
    given_trials: list[Hyperparameters] = []
    most_folds: int | None = Field(default=None, ge=1)
    most_scored: int | None = Field(default=None, ge=10)
    search_estimation: EstimationSettings = EstimationSettings()
