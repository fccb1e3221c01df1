"""The 1,797 handwritten digits that scikit-learn ships as a compressed table of whole numbers."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from common.data.canonical import Array
from common.data.decoders import Decoded


def decode(files: Mapping[str, Path]) -> Decoded:
    """Images uint8 [n, 8, 8] with values from 0 to 16, and labels int64 [n]."""
    with gzip.open(files["digits.csv.gz"], "rt") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.int64)
    images = table[:, :64].astype(np.uint8).reshape(-1, 8, 8)
    arrays: dict[str, Array] = {"images": images, "labels": table[:, 64]}
    return Decoded(arrays.items(), {"classes": [str(digit) for digit in range(10)]})
