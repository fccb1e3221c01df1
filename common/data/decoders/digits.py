"""The 1,797 handwritten digits that scikit-learn ships as a compressed table of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from common.data.bounded import open_plain, read_within
from common.data.canonical import Array
from common.data.decoders import Decoded

LARGEST_BYTES = 1 << 22  # the table has 0.3 MB


def decode(files: Mapping[str, Path]) -> Decoded:
    """Images uint8 [n, 8, 8] with values from 0 to 16, and labels int64 [n]."""
    path = files["digits.csv.gz"]
    with open_plain(path) as stream:
        lines = read_within(stream, LARGEST_BYTES, path.name).splitlines()
    table = np.loadtxt(lines, delimiter=",", dtype=np.int64)
    images = table[:, :64].astype(np.uint8).reshape(-1, 8, 8)
    arrays: dict[str, Array] = {"images": images, "labels": table[:, 64]}
    return Decoded(arrays.items(), {"classes": [str(digit) for digit in range(10)]})
