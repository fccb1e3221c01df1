"""The splits of a data set: training images (of which some are forgotten), validation and test images."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.data.arrays import load
from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.unlearning.settings import DataSettings

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Splits:
    """All images of an experiment, standardised with the mean and deviation of its training images."""

    train: ImageSet
    validation: ImageSet
    test: ImageSet

    @property
    def channels(self) -> int:
        """Of an image."""
        return self.train.images.shape[3]

    def forget_and_retain(self, forget: Tensor) -> tuple[ImageSet, ImageSet]:
        """The training images at `forget`, int64 places `[m]`, and all others, in order."""
        kept = torch.ones(len(self.train), dtype=torch.bool)
        kept[forget.cpu()] = False
        return self.train.subset(forget), self.train.subset(kept.nonzero().flatten())


@functools.cache  # methods and seeds that share a process share the images
def load_splits(settings: DataSettings, root: Path, device: torch.device) -> Splits:
    """Read the prepared data set; the split is the same at every seed, so that sets can be compared.

    Raises BadInputError where the data set lacks an array, has more classes than the settings say, or has
    a class too small for a validation image.
    """
    images, labels = _labelled(settings, "train", settings.images, root)
    validation = _validation_places(labels, settings)
    train = np.setdiff1d(np.arange(len(labels)), validation)
    test = _labelled(settings, "test", settings.test_images, root)
    standardise = Standardise.of(torch.from_numpy(images[train]))

    def on_device(images: NDArray[np.uint8], labels: Indices) -> ImageSet:
        pixels, classes = torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device)
        return ImageSet(pixels, classes, standardise, settings.margin)

    return Splits(
        train=on_device(images[train], labels[train]),
        validation=on_device(images[validation], labels[validation]),
        test=on_device(*test),
    )


def _validation_places(labels: Indices, settings: DataSettings) -> Indices:
    generator = np.random.default_rng(1)  # one split for all seeds
    chosen = []
    for label in range(settings.classes):
        members = np.flatnonzero(labels == label)
        count = round(len(members) * settings.validation_share)
        if not 0 < count < len(members):
            raise BadInputError(
                f"{settings.dataset} has {len(members)} image(s) of class {label}, too few to keep "
                f"a share of {settings.validation_share:g} for validation. Raise 'images' or "
                "'validation_share'."
            )
        chosen.append(generator.choice(members, count, replace=False))
    return np.sort(np.concatenate(chosen))


def _labelled(
    settings: DataSettings, split: str, count: int | None, root: Path
) -> tuple[NDArray[np.uint8], Indices]:
    """Bytes `[n, h, w, channels]` and labels `[n]` of the first `count` images of a split."""
    arrays = load(settings.dataset, root)
    for name in (f"{split}_images", f"{split}_labels"):
        if name not in arrays:
            raise BadInputError(
                f"Data set {settings.dataset} has no '{name}'; it has {', '.join(sorted(arrays))}."
            )
    images: NDArray[np.uint8] = np.array(arrays[f"{split}_images"][:count])
    labels = np.array(arrays[f"{split}_labels"][:count], dtype=np.int64)
    if labels.max() >= settings.classes:
        raise BadInputError(
            f"The labels of {settings.dataset} go up to {labels.max()}, but 'classes' is {settings.classes}."
        )
    return images if images.ndim == 4 else images[..., None], labels
