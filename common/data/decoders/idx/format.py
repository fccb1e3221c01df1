"""The idx format of MNIST and its relatives: a magic number, the dimensions, then the bytes."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.data.bounded import open_plain, read_within
from common.data.canonical import Array
from common.data.failures import SourceFailedError

UNSIGNED_BYTE = 0x08  # the third byte of the magic number
LARGEST_BYTES = 1 << 26  # the training images of MNIST have 47 MB


def image_arrays(files: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """Images uint8 [n, rows, columns] and labels int64 [n] of the training and the test part."""
    plain = {name.removesuffix(".gz"): path for name, path in files.items()}
    for part, prefix in (("train", "train"), ("test", "t10k")):
        yield f"{part}_images", read_idx(plain[f"{prefix}-images-idx3-ubyte"])
        yield f"{part}_labels", read_idx(plain[f"{prefix}-labels-idx1-ubyte"]).astype(np.int64)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an idx file of unsigned bytes, compressed or not."""
    with open_plain(path) as stream:
        magic = stream.read(4)
        if len(magic) < 4 or magic[:2] != b"\x00\x00" or magic[2] != UNSIGNED_BYTE:
            raise SourceFailedError(f"{path.name} is no idx file of unsigned bytes")
        shape = struct.unpack(f">{magic[3]}I", stream.read(4 * magic[3]))
        data = read_within(stream, LARGEST_BYTES, path.name)
    if len(data) != math.prod(shape):
        raise SourceFailedError(f"{path.name} has {len(data)} bytes for the shape {shape}")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)
