"""Optical Recognition of Handwritten Digits, all rows, as the KEEL repository has them.

A header of lines that begin with @, then 64 counts of pixels from 0 to 16 and the digit. The training rows of
the UCI repository come first and its test rows after them, both in their order there; the latter are
scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from common.data.canonical import Array
from common.data.decoders import Decoded

TRAIN_ROWS = 3823  # of optdigits.tra (optdigits.names)


def decode(files: Mapping[str, Path]) -> Decoded:
    """Features uint8 [n, 64] with values from 0 to 16, and labels int64 [n], of both parts."""
    return Decoded(_arrays(files["optdigits.dat"]), {"classes": [str(digit) for digit in range(10)]})


def _arrays(path: Path) -> Iterator[tuple[str, Array]]:
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("@")]
    table = np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
    for part, rows in (("train", table[:TRAIN_ROWS]), ("test", table[TRAIN_ROWS:])):
        yield f"{part}_features", rows[:, :64].astype(np.uint8)
        yield f"{part}_labels", rows[:, 64]
