"""Images that stay on disk: a batch is decoded when it is asked for, and no more is in memory."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from common.strict import BadInputError
from common.training.images import Standardise

KINDS = {".png", ".jpg", ".jpeg"}
SHARE_OF_CROP = 0.875  # a centre of 224 pixels of a shorter side of 256: He et al. 2016, section 3.4

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class ImageFiles:
    """Picture files that are read as byte images `[n, h, w, 3]` would be, a part at a time.

    Attributes:
        device: that images go to.
        side: each is scaled so that its centre of so many pixels is left; null: as it is.
    """

    files: Sequence[Path]
    device: torch.device
    side: int | None = None

    def __len__(self) -> int:
        """How many there are."""
        return len(self.files)

    def __getitem__(self, places: Tensor | slice) -> Tensor:
        """Images `[n, h, w, 3]` at `places` `[n]`; BadInputError where they differ in size."""
        if isinstance(places, slice):
            chosen = list(self.files[places])
        else:
            chosen = [self.files[place] for place in places.tolist()]
        with ThreadPoolExecutor() as pool:
            decoded = list(pool.map(self._decode, chosen))
        sizes = sorted({(*image.shape[:2],) for image in decoded} | {self.shape[1:3]})
        if len(sizes) > 1:
            raise BadInputError(
                f"The images in {chosen[0].parent.parent} differ in size: {sizes[:3]}; scale them to one."
            )
        return torch.from_numpy(np.stack(decoded)).to(self.device)

    @cached_property
    def shape(self) -> tuple[int, int, int, int]:
        """That of all images together, by the size of the first."""
        height, width, channels = self._decode(self.files[0]).shape
        return len(self.files), height, width, channels

    def _decode(self, file: Path) -> Bytes:
        try:
            with Image.open(file) as image:
                pixels = image.convert("RGB")
        except OSError as error:
            raise BadInputError(f"{file} can't be read as a picture ({error}). Copy it anew.") from None
        return np.array(pixels if self.side is None else _centre(pixels, self.side))


@dataclass(frozen=True)
class StandardisedFiles:
    """Picture files, standardised as they are read."""

    images: ImageFiles
    standardise: Standardise

    def __getitem__(self, places: slice, /) -> Tensor:
        """Images `[n, channels, h, w]`."""
        return self.standardise(self.images[places])


def files_by_class(folder: Path, part: str, classes: int) -> list[list[Path]]:
    """The picture files of each class below `folder/part/<class>`, or `folder/<class>` if there is no part.

    Classes are numbered in the order of their names, or of their values where all names are numbers. Raises
    BadInputError where they are not so many as the network has, or one has no picture.
    """
    place = folder / part if (folder / part).is_dir() else folder
    names = [each.name for each in place.iterdir() if each.is_dir()]
    names.sort(key=int if all(name.isdecimal() for name in names) else None)
    if len(names) != classes:
        raise BadInputError(
            f"{place} has {len(names)} folders of classes, but the network has {classes} classes. Name a "
            f"folder of <class>/<picture>, or one with {part}/<class>/<picture> in it."
        )
    found = [sorted(file for file in (place / name).iterdir() if _is_picture(file)) for name in names]
    for name, files in zip(names, found, strict=True):
        if not files:
            raise BadInputError(f"{place / name} holds no picture (.png, .jpg or .jpeg).")
    return found


def _is_picture(file: Path) -> bool:
    return file.suffix.lower() in KINDS


def _centre(image: Image.Image, side: int) -> Image.Image:
    """The middle `side` x `side` pixels after the shorter side was scaled to `side` / 0.875, bilinear."""
    scale = round(side / SHARE_OF_CROP) / min(image.size)
    width, height = (round(length * scale) for length in image.size)
    left, top = (width - side) // 2, (height - side) // 2
    scaled = image.resize((width, height), Image.Resampling.BILINEAR)
    return scaled.crop((left, top, left + side, top + side))
