"""The frost photographs, already reduced as the official code for CIFAR-10-C reduces them.

That code (ImageNet-C/create_c/make_cifar_c.py) reads a photograph without its alpha channel and calls
`cv2.resize(frost, (0, 0), fx=0.2, fy=0.2)`, bilinear. At a factor of exactly one fifth, bilinear sampling
falls on the centre of every block of five by five pixels with weight one: it is the slice `[2::5, 2::5]`,
which needs no OpenCV and gives the same bytes on every machine. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.data.bounded import open_picture
from common.data.decoders import Decoded

LARGEST = (4000, 4000)  # pixels; the widest has 1,000


def decode(files: Mapping[str, Path]) -> Decoded:
    """Arrays `frost1` … `frost6`, each uint8 [rows, columns, 3] in RGB, larger than 32 both ways.

    The official code draws among the first five only, and the second and the third are the same picture.
    """
    arrays = ((path.stem, reduced(path)) for _, path in sorted(files.items()))
    return Decoded(arrays, {"reduction": "every fifth pixel of every fifth row, from the third on"})


def reduced(path: Path) -> NDArray[np.uint8]:
    """The photograph in RGB at a fifth of its size."""
    with open_picture(path, path.name, LARGEST) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return np.ascontiguousarray(pixels[2::5, 2::5])
