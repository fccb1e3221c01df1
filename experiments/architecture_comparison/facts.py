"""The track's protocol: the facts that make two accuracies of networks comparable."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel


class RecipeFacts(StrictModel):
    """How a network was trained, from scratch.

    Attributes:
        side: of an image, in pixels, after any reduction.
        training_images: of which every seed draws its own where the data set has more.
        recipe: the name that the paper's configuration gives to optimiser, schedule and augmentation.
        learning_rate_from: `validation`: the best of a grid, the same for all networks, on validation images
            that are never tested on; `given`: the configuration's.
        judged_on: the split; `validation` is for choosing alone.
        judged_after: no epoch is picked by its accuracy.
        outside_data: what other images the network has learned from.
    """

    dataset: str
    classes: int
    side: int
    training_images: int
    judged_images: int
    judged_on: Literal["test", "validation"]
    judged_after: Literal["last_epoch"] = "last_epoch"
    recipe: str
    optimiser: str
    epochs: int
    batch_size: int
    weight_decay: float
    label_smoothing: float
    crop_margin: int
    mixup: float
    cutmix: float
    random_augment: bool
    erasing: float
    drop_path: float
    largest_gradient: float | None = None
    learning_rate_from: Literal["validation", "given"]
    outside_data: Literal["none"] = "none"


class NetworkFacts(RecipeFacts):
    """What was trained.

    Attributes:
        network: its name in the paper's configuration.
        parameters: all that learn.
        multiply_adds: of the forward pass of one image, of convolutions and matrix products.
    """

    network: str
    parameters: int
    multiply_adds: int


class ReceptiveFieldFacts(NetworkFacts):
    """What was looked at.

    Attributes:
        state: `initial`: as drawn by the seed; `trained`: as facts on the training say.
        layer: the module whose output's centre was differentiated.
    """

    state: Literal["initial", "trained"]
    field_images: int
    layer: str


class ThroughputFacts(StrictModel):
    """What took turns, in one process; repeats differ in nothing but time, and that is what is told."""

    network: str
    parameters: int
    multiply_adds: int
    side: int
    batch_size: int
    batches: int
    rounds: int
