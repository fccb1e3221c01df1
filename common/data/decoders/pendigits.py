"""Pen-Based Recognition of Handwritten Digits of the UCI repository: eight points (x, y), then the digit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from common.data.canonical import Array
from common.data.decoders import Decoded


def decode(files: Mapping[str, Path]) -> Decoded:
    """Features uint8 [n, 16] with values from 0 to 100, and labels int64 [n], of both parts."""
    return Decoded(_arrays(files), {"classes": [str(digit) for digit in range(10)]})


def _arrays(files: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    for part, name in (("train", "pendigits.tra"), ("test", "pendigits.tes")):
        table = np.loadtxt(files[name], delimiter=",", dtype=np.int64)
        yield f"{part}_features", table[:, :16].astype(np.uint8)
        yield f"{part}_labels", table[:, 16]
