"""The track's protocol: the facts that make two few-shot accuracies comparable."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel

Split = Literal["random", "cifar_fs", "fc100", "mini_imagenet_ravi", "omniglot_vinyals", "omniglot_lake"]
Rotations = Literal["none", "base", "all"]
Resampling = Literal["area", "nearest"]
OutsideData = Literal["none", "imagenet"]


class EmbeddingFacts(StrictModel):
    """How an embedding was learned.

    Attributes:
        split: which classes are base and which novel: random ones, drawn by the seed, or a published split.
        training_classes: the base classes that it was trained on.
        validation_classes: kept out of training to choose settings; 0 where they were trained on as well.
        training_passes: how often each training image was shown, on average.
        objective: what training minimised; `none` for a network as it was initialised.
        backbone: the name of the network without its head.
        side: of an image, in pixels.
        outside_data: what other images the network has learned from.
        rotations: whose classes, turned by 90, 180 and 270 degrees, count as further classes: of none, of
            the base classes alone, or of all.
        resampling: how pictures were made smaller before training; `none`: they were not.
    """

    dataset: str
    split: Split
    training_classes: int
    validation_classes: int
    novel_classes: int
    training_images: int
    training_passes: float
    objective: str
    backbone: str
    backbone_parameters: int
    side: int
    training_augmentation: bool
    outside_data: OutsideData = "none"
    rotations: Rotations = "none"
    resampling: Resampling | Literal["none"] = "none"


class EpisodeFacts(EmbeddingFacts):
    """What tasks the accuracy is a mean over, and what the learner saw of each.

    Attributes:
        test_images: of the novel classes, from which supports and queries are drawn.
        inference: `inductive`: each query is classified by itself; `transductive`: with the others in view.
        normalisation: whose statistics batch normalisation uses at test time.
        features: what is done to features: nothing, division by their length, or that after subtracting the
            mean feature of the training images.
        support_copies: augmented copies of each support image; 0: the image itself, as it is.
    """

    test_images: int
    ways: int
    shots: int
    queries: int
    episodes: int
    inference: Literal["inductive", "transductive"]
    normalisation: Literal["running_statistics", "support_statistics"]
    features: str
    support_copies: int
