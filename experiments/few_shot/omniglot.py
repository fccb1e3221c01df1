"""Omniglot as few-shot papers use it: small drawings, and characters turned by 90 degrees as further classes.

Drawings are of 105 x 105 pixels, ink or paper. Two ways to make them smaller: `area`, the share of ink in
the area of each new pixel, and `nearest`, the pixel at its centre, which is what Pillow makes of pictures of
one bit, whichever filter it is asked for, and so what official codes that resize them with it see.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.data.arrays import load
from common.data.manifests import read_manifest
from common.strict import BadInputError
from experiments.few_shot.protocol import Resampling

Bits = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

SPLITS = ("background", "evaluation")
TURNS = 4
BLOCK = 5  # characters that are made smaller at once: their products stay in the cache


class Omniglot(NamedTuple):
    """All characters, those of the background split first.

    Attributes:
        names: `<alphabet>/<character>` of each.
        background, evaluation: `[characters, drawings, side, side]`, ink is True.
    """

    names: list[str]
    background: Bits
    evaluation: Bits

    @property
    def alphabets(self) -> list[str]:
        """Of each character."""
        return [name.split("/")[0] for name in self.names]

    def pictures(self, characters: NDArray[np.int64], side: int, resampling: Resampling) -> Bytes:
        """Ink as 255 and paper as 0, `[characters, drawings, side, side]`, in the order asked for."""
        pictures = np.empty((len(characters), self.background.shape[1], side, side), np.uint8)
        for drawings, offset in ((self.background, 0), (self.evaluation, len(self.background))):
            here = (characters >= offset) & (characters < offset + len(drawings))
            places = np.flatnonzero(here)
            for block in np.split(places, range(BLOCK, len(places), BLOCK)):
                pictures[block] = resampled(drawings[characters[block] - offset], side, resampling)
        return pictures


def read_omniglot(root: Path) -> Omniglot:
    """The prepared data set, memory-mapped; raises BadInputError, with the command to type, without it."""
    arrays, facts = load("omniglot", root), read_manifest("omniglot", root).facts
    names: list[str] = []
    for split in SPLITS:
        named = facts.get(f"{split}_characters")
        if not isinstance(named, list) or len(named) != len(arrays[f"{split}_images"]):
            raise BadInputError(
                f"The manifest of omniglot doesn't name each of its {split} characters. "
                "Type: git checkout data/manifests/omniglot.json"
            )
        names += map(str, named)
    background, evaluation = (arrays[f"{split}_images"].view(np.bool_) for split in SPLITS)
    return Omniglot(names, background, evaluation)


def resampled(drawings: Bits, side: int, resampling: Resampling) -> Bytes:
    """Square drawings `[..., length, length]`, True for ink, as bytes `[..., side, side]`, 255 for ink."""
    length = drawings.shape[-1]
    if resampling == "nearest":
        middles = (2 * np.arange(side) + 1) * length // (2 * side)
        return drawings[..., middles[:, None], middles].astype(np.uint8) * np.uint8(255)
    # Whole numbers below 2^24: exact in float32, in whatever order they are added up.
    overlaps = _overlaps(length, side).astype(np.float32)
    ink = np.matmul(overlaps, np.matmul(drawings.astype(np.float32), overlaps.T)).astype(np.int32)
    pictures: Bytes = ((255 * ink + length**2 // 2) // length**2).astype(np.uint8)
    return pictures


def turned(pictures: Bytes) -> Bytes:
    """`[characters, drawings, side, side]` by 0, 90, 180, 270 degrees, `[characters, 4, drawings, …]`."""
    return np.stack([np.rot90(pictures, turn, axes=(2, 3)) for turn in range(TURNS)], axis=1)


def _overlaps(length: int, side: int) -> NDArray[np.int64]:
    """How much of each old pixel lies in each new one, in units of 1/side of an old one: `[side, length]`."""
    new, old = np.arange(side)[:, None] * length, np.arange(length) * side
    shared: NDArray[np.int64] = np.minimum(new + length, old + side) - np.maximum(new, old)
    return shared.clip(min=0)
