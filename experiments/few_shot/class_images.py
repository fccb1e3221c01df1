"""The images of base classes, to train on, and of novel classes, to be tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.few_shot.class_pools import Labelled, class_pool
from experiments.few_shot.partitions import ClassPartition
from experiments.few_shot.settings import DataSettings


@dataclass(frozen=True)
class ClassImages:
    """Images of base classes and of those that are judged, whose labels count from 0 in either set.

    Attributes:
        base: training images, with augmentation.
        held_out: other images of the base classes; None where all are trained on.
        judged: images of the classes that test episodes are drawn from.
    """

    partition: ClassPartition
    base: ImageSet
    held_out: ImageSet | None
    judged: ImageSet

    @property
    def channels(self) -> int:
        """Of an image."""
        return self.base.images.shape[3]


def load_class_images(
    settings: DataSettings, root: Path, folders: Mapping[str, Path], seed: int, device: torch.device
) -> ClassImages:
    """Read the images and divide their classes, standardised by the training images of the base classes.

    Base classes are trained on with the training split, novel ones tested with the test split. Validation
    classes are judged on their training split, so that no choice of settings sees an image of a test; a
    folder and Omniglot have one split, used for all. Raises BadInputError where data are missing or classes
    too few.
    """
    pool = class_pool(settings, root, folders, seed)
    partition, base = pool.partition, pool.base.of_classes(pool.partition.base, settings.images)
    standardise = Standardise.of(torch.from_numpy(base.images))

    def on_device(labelled: Labelled) -> ImageSet:
        pixels, classes = (torch.from_numpy(part).to(device) for part in labelled)
        return ImageSet(pixels, classes, standardise, settings.margin)

    judged = partition.novel if settings.judged == "novel" else partition.validation
    if not judged:
        raise BadInputError(
            "'judged' is validation, but there are no validation classes; raise 'validation'."
        )
    others = pool.held_out
    if others is not None:
        others = others.of_classes(partition.base, settings.test_images)
    return ClassImages(
        partition,
        on_device(base),
        None if others is None else on_device(others),
        on_device(pool.judged.of_classes(judged, settings.test_images)),
    )
