"""The protocol facts of this paper's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.strict import StrictModel
from experiments.novel_class_discovery.protocol import ClassesGiven, DiscoveryFacts

if TYPE_CHECKING:
    from experiments.novel_class_discovery.gcd_images import GcdImages


class ImageFacts(DiscoveryFacts):
    """How images were learned from before they were clustered.

    Attributes:
        backbone: the network, which began with weights `pretrained_on` what this says.
        side: of an image, in pixels, before the network enlarges it.
        passes: how often each image was shown, on average, in learning from labelled and unlabelled ones.
    """

    backbone: str
    pretrained_on: str
    side: int
    passes: int


class MixtureFacts(StrictModel):
    """Which mixture points were drawn from, and how they were clustered."""

    setting: str = "gcd"
    dimension: int
    separation: float
    known_classes: int
    novel_classes: int
    points_per_class: int
    start: int
    deterministic: bool = False


class LossFacts(StrictModel):
    """What a network was trained on where nothing is clustered."""

    dataset: str
    images: int
    passes: int
    backbone: str
    deterministic: bool = False


def image_facts(
    images: GcdImages, split: str, backbone: str, passes: int, classes_given: ClassesGiven
) -> ImageFacts:
    """The facts of a clustering of the images without a label."""
    transformer = backbone.startswith("vit_")
    return ImageFacts(
        dataset=images.dataset,
        setting="gcd",
        split=split,
        known_classes=images.known,
        novel_classes=images.novel,
        labelled_rows=images.labelled,
        unlabelled_rows=len(images.hidden),
        evaluated_rows=len(images.hidden),
        evaluated="unlabelled",
        inference="transductive",
        outside_data="imagenet, without labels" if transformer else "none",
        classes_given=classes_given,
        chosen_on="validation images" if not transformer else "nothing",
        backbone=backbone,
        pretrained_on="imagenet" if transformer else "images of the data set",
        side=images.training.images.shape[1],
        passes=passes,
    )
