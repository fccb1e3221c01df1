"""The track's protocol: what every method must do, and the facts that make two numbers comparable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from common.strict import StrictModel
from common.training.settings import Precision

if TYPE_CHECKING:
    from torch import Tensor

Adapted = Literal["nothing", "affine", "all", "classifier", "features"]
Statistics = Literal["source", "test_batch", "source_and_batch", "running_average"]


class Adapter(Protocol):
    """A source network together with the rule that changes it when it sees unlabelled images."""

    def update(self, images: Tensor) -> None:
        """Adapt to one batch of standardised images `[batch, channels, h, w]`."""

    def end_epoch(self) -> None:
        """Note that all images have been seen once more."""

    def predict(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]`, without adapting any further."""


class SourceFacts(StrictModel):
    """How the network was trained, in which precision, and judged before any shift."""

    dataset: str
    split: str
    images: int
    resolution: int
    network: str
    weights: str
    training_precision: Precision
    deterministic: bool = False


class OfflineFacts(StrictModel):
    """Offline adaptation: several passes over one unlabelled test set, then its error, then reset.

    Attributes:
        corrupted_images: `released` files, or `regenerated` from the same definitions with our seed.
        images: of each test set.
        severities: those averaged over, e.g. "1,2,3,4,5".
        weights: `trained_here`, or the name of a published checkpoint.
        training_precision: of the source network; null for a published checkpoint.
        precision: of adaptation and prediction.
        statistics: whose mean and variance batch normalisation uses.
        prediction: `after_adaptation`, in a pass of its own.
        settings_chosen_on: which data picked the learning rate and the number of epochs.
    """

    dataset: str
    corrupted_images: Literal["released", "regenerated"]
    images: int
    resolution: int
    severities: str
    network: str
    weights: str
    training_precision: Precision | None
    precision: Precision = "float32"
    mode: Literal["offline"] = "offline"
    reset: Literal["every_corruption_and_severity"] = "every_corruption_and_severity"
    batch_size: int
    statistics: Literal["source", "test_batch"]
    adapted: Adapted
    prediction: Literal["after_adaptation"] = "after_adaptation"
    settings_chosen_on: Literal["development_corruptions", "published", "nothing_to_choose"]
    deterministic: bool = False


class MethodFacts(StrictModel):
    """What an online method does, as far as two numbers hang on it.

    Attributes:
        statistics: whose mean and variance batch normalisation uses.
        adapted: the parameters that learn.
        prediction: from the pass before the update, from one after it, or by an averaged teacher.
        source_data: what it has of the source besides the network.
    """

    statistics: Statistics
    adapted: Adapted
    prediction: Literal["before_update", "after_update", "teacher"] = "before_update"
    source_data: Literal["none", "labelled_statistics", "unlabelled_sample"] = "none"


class OnlineFacts(MethodFacts):
    """Online adaptation: each batch of a stream is predicted once, when it arrives.

    Attributes:
        stream: the order of images, and when the network is reset: see `streams.py`.
        concentration: of the Dirichlet distribution of classes over time; null in streams without one.
        images: of each test set.
        severities: of each corruption, in their order, e.g. "5".
        settings_chosen_on: which data picked the learning rate; `swept`: none, a grid of them is shown.
        source_images: those that the method has of the source; 0: none.
    """

    dataset: str
    corrupted_images: Literal["released", "regenerated"]
    images: int
    resolution: int
    severities: str
    network: str
    weights: str
    training_precision: Precision | None
    precision: Precision = "float32"
    mode: Literal["online"] = "online"
    stream: Literal["reset", "continual", "gradual", "mixed", "correlated", "episodic"]
    concentration: float | None
    batch_size: int
    source_images: int = 0
    settings_chosen_on: Literal["development_corruptions", "published", "swept", "nothing_to_choose"]
    deterministic: bool = False
