"""The images of generalised category discovery: some of each known class have labels, the rest have none.

Vaze et al., "Generalized Category Discovery" (CVPR 2022), section 2: half of the images of known classes keep
their label; the others, and all images of novel classes, are to be clustered together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from common.data.arrays import load
from common.strict import BadInputError, StrictModel
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.class_splits import split_classes
from experiments.novel_class_discovery.image_folders import read_class_folders

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from common.training.image_set import ImageSet


class GcdSettings(StrictModel):
    """Which images are taken, and which of their classes are known.

    Attributes:
        split: `first`: the first classes are known, as published; `random`: others by each seed.
        known: how many.
        labelled_share: of the images of each known class.
        first: so many training images of each class are passed over, to keep some for other ends.
        images, test_images: so many of each class are taken; null: all.
        margin, jitter: of random views, as in `views`.
    """

    split: Literal["first", "random"]
    known: int = Field(ge=1)
    labelled_share: float = Field(default=0.5, gt=0, lt=1)
    first: int = Field(default=0, ge=0)
    images: int | None = Field(default=None, ge=2)
    test_images: int | None = Field(default=None, ge=1)
    margin: int = Field(ge=0)
    jitter: float = Field(default=0.0, ge=0, lt=1)


@dataclass(frozen=True)
class GcdImages:
    """Images whose classes are numbered anew, known ones from 0; in `training` those with a label come first.

    Attributes:
        training: its `labels` are true ones: only of the first `labelled` images may a method see them.
    """

    dataset: str
    training: ImageSet
    labelled: int
    known: int
    novel: int
    test: ImageSet

    @property
    def classes(self) -> int:
        """Known and novel ones."""
        return self.known + self.novel

    @property
    def given(self) -> Labels:
        """Labels `[labelled]`."""
        found: Labels = self.training.labels[: self.labelled].cpu().numpy()
        return found

    @property
    def hidden(self) -> Labels:
        """True classes of the images without a label, for scoring alone."""
        found: Labels = self.training.labels[self.labelled :].cpu().numpy()
        return found


def load_gcd_images(
    dataset: str,
    settings: GcdSettings,
    root: Path,
    seed: int,
    device: torch.device,
    folders: Mapping[str, Path] | None = None,
) -> GcdImages:
    """Read a prepared data set, or a folder of that name, and take labels away, by the seed.

    Raises BadInputError for numbers of classes or images that don't fit.
    """
    import torch

    from common.training.image_set import ImageSet
    from common.training.images import Standardise
    from common.training.seeding import stream_seed

    train, truth = _read(dataset, "train", root, folders or {})
    tested, test_truth = _read(dataset, "test", root, folders or {})
    order = class_order(np.unique(truth), settings, dataset, seed)
    kept = _taken(truth, order, settings.first, settings.images)
    generator = np.random.default_rng(stream_seed(seed, "labelled images"))
    renamed = np.argsort(order)[np.searchsorted(np.sort(order), truth[kept])]
    every, known = np.arange(len(order)), settings.known
    split = split_classes(renamed, every[:known], every[known:], settings.labelled_share, generator)
    places = np.concatenate([split.labelled, split.unlabelled])
    test = _taken(test_truth, order, 0, settings.test_images)
    pixels = _pixels(train, kept[places])
    standardise = Standardise.of(torch.from_numpy(pixels))

    def image_set(images: NDArray[np.uint8], labels: Labels) -> ImageSet:
        pixels, classes = (torch.from_numpy(array).to(device) for array in (images, labels))
        return ImageSet(pixels, classes, standardise, settings.margin)

    test_names = np.argsort(order)[np.searchsorted(np.sort(order), test_truth[test])]
    return GcdImages(
        dataset,
        image_set(pixels, renamed[places]),
        len(split.labelled),
        known,
        len(order) - known,
        image_set(_pixels(tested, test), test_names),
    )


def class_order(classes: Labels, settings: GcdSettings, dataset: str, seed: int) -> Labels:
    """All classes, known ones first; raises BadInputError where none would be left to be novel."""
    from common.training.seeding import stream_seed

    if settings.known >= len(classes):
        raise BadInputError(
            f"{dataset} has {len(classes)} classes: with {settings.known} known ones none is left to "
            f"discover; lower 'known'."
        )
    if settings.split == "first":
        return classes
    generator = np.random.default_rng(stream_seed(seed, "known classes"))
    order = generator.permutation(classes)
    return np.concatenate([np.sort(order[: settings.known]), np.sort(order[settings.known :])])


def _taken(truth: Labels, classes: Labels, first: int, count: int | None) -> Labels:
    """Places of `count` images of each class, after its `first` ones, in order."""
    places = []
    for label in classes:
        found = np.flatnonzero(truth == label)[first:]
        if len(found) < (count or 1):
            raise BadInputError(
                f"Class {label} has {len(found)} images after the first {first}, and {count or 1} are asked "
                f"for; lower 'first' or the number of images."
            )
        places.append(found[:count])
    return np.sort(np.concatenate(places))


def _read(
    dataset: str, part: str, root: Path, folders: Mapping[str, Path]
) -> tuple[NDArray[np.generic], Labels]:
    if dataset in folders:
        return read_class_folders(folders[dataset], part)
    arrays = load(dataset, root)
    if f"{part}_images" not in arrays:
        raise BadInputError(f"Data set {dataset} has no '{part}_images'; it has {', '.join(sorted(arrays))}.")
    return arrays[f"{part}_images"], np.array(arrays[f"{part}_labels"], dtype=np.int64)


def _pixels(images: NDArray[np.generic], places: Labels) -> NDArray[np.uint8]:
    """Bytes `[n, h, w, channels]`."""
    pixels = np.ascontiguousarray(np.asarray(images[places], dtype=np.uint8))
    return pixels if pixels.ndim == 4 else pixels[..., None]
