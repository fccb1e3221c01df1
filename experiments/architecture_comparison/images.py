"""The images of one seed: those trained on, those that learning rates are chosen with, those tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from common.data.arrays import load
from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from common.training.seeding import generator
from experiments.architecture_comparison.settings import DataSettings, RecipeSettings
from experiments.architecture_comparison.shapes import ImageShape

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Judged = Literal["test", "validation"]


@dataclass(frozen=True)
class Study:
    """What one seed trains on and is judged on, and what a network has to know of it."""

    training: ImageSet
    judged: ImageSet
    shape: ImageShape


def open_study(
    settings: DataSettings,
    root: Path,
    folders: Mapping[str, Path],
    seed: int,
    judged: Judged,
    recipe: RecipeSettings,
    device: torch.device | None = None,
) -> Study:
    """Read the images and draw the seed's own training images.

    Raises BadInputError where the data set is missing, or has fewer images than the settings ask for.
    """
    train = _read(settings, "train", root, folders)
    first_kept = len(train[1]) - settings.validation
    if judged == "validation" and not settings.validation:
        raise BadInputError(
            f"Learning rates are chosen with validation images, and {settings.dataset} has none set aside; "
            f"give 'validation' a number."
        )
    if judged == "test":
        chosen = _first(_read(settings, "test", root, folders), settings.test_images, settings)
    else:
        chosen = train[0][first_kept:], train[1][first_kept:]
    end = first_kept if judged == "validation" or settings.keep_validation else len(train[1])
    places = _drawn(settings, end, seed)
    side = settings.side or train[0].shape[1] + 2 * settings.border
    pixels, labels = (torch.from_numpy(part[places]) for part in train)
    pixels = reduced(pixels, side)
    learned = ImageSet(pixels, labels, Standardise.of(pixels), recipe.margin)
    asked = ImageSet(
        reduced(torch.from_numpy(chosen[0]), side), torch.from_numpy(chosen[1]), learned.standardise
    )
    shape = ImageShape(pixels.shape[-1], side, int(train[1].max()) + 1, recipe.drop_path)
    return Study(_on(learned, device), _on(asked, device), shape)


def reduced(images: torch.Tensor, side: int) -> torch.Tensor:
    """Bytes `[n, side, side, channels]`: means over blocks of pixels; unchanged where the side is theirs.

    Raises BadInputError where the side divides neither.
    """
    now = images.shape[1]
    if now == side:
        return images
    if now % side:
        raise BadInputError(
            f"Images of {now} pixels can't be averaged down to {side}; set the data's 'side' to a divisor."
        )
    block = now // side
    blocks = images.view(len(images), side, block, side, block, -1).float()
    return blocks.mean(dim=(2, 4)).round().to(torch.uint8)


def _drawn(settings: DataSettings, end: int, seed: int) -> Labels:
    """Places of the training images among the first `end`, in increasing order."""
    if settings.images is None:
        return np.arange(end)
    if settings.images > end:
        raise BadInputError(
            f"{settings.dataset} has {end} images to train on beside {settings.validation} for validation, "
            f"fewer than the {settings.images} asked for; lower 'images'."
        )
    drawn = torch.randperm(end, generator=generator(seed, "images"))[: settings.images]
    return np.sort(drawn.numpy())


def _first(part: tuple[Images, Labels], count: int | None, settings: DataSettings) -> tuple[Images, Labels]:
    if count is not None and count > len(part[1]):
        raise BadInputError(
            f"{settings.dataset} has {len(part[1])} test images, fewer than {count}; lower 'test_images'."
        )
    return part[0][:count], part[1][:count]


def _read(
    settings: DataSettings, split: str, root: Path, folders: Mapping[str, Path]
) -> tuple[Images, Labels]:
    """Bytes `[n, h, w, channels]` and labels `[n]` of a split."""
    if settings.source == "folder":
        from experiments.architecture_comparison.image_folders import read_split

        return read_split(folders[settings.dataset], split)
    arrays = load(settings.dataset, root)
    images: Images = np.array(arrays[f"{split}_images"], dtype=np.uint8)
    images = np.pad(images, [(0, 0), *[(settings.border,) * 2] * 2, *[(0, 0)] * (images.ndim - 3)])
    labels = np.array(arrays[f"{split}_labels"], dtype=np.int64)
    return (images if images.ndim == 4 else images[..., None]), labels


def _on(images: ImageSet, device: torch.device | None) -> ImageSet:
    if device is None:
        return images
    return ImageSet(images.images.to(device), images.labels.to(device), images.standardise, images.margin)
