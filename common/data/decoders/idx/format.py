"""The idx format of MNIST and its relatives: a magic number, the dimensions, then the bytes."""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.data.canonical import Array
from common.data.failures import SourceFailedError

GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08  # the third byte of the magic number


def image_arrays(files: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """Images uint8 [n, rows, columns] and labels int64 [n] of the training and the test part."""
    plain = {name.removesuffix(".gz"): path for name, path in files.items()}
    for part, prefix in (("train", "train"), ("test", "t10k")):
        yield f"{part}_images", read_idx(plain[f"{prefix}-images-idx3-ubyte"])
        yield f"{part}_labels", read_idx(plain[f"{prefix}-labels-idx1-ubyte"]).astype(np.int64)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an idx file of unsigned bytes, compressed or not."""
    data = path.read_bytes()
    if data.startswith(GZIP_MAGIC):
        data = gzip.decompress(data)
    if len(data) < 4 or data[:2] != b"\x00\x00" or data[2] != UNSIGNED_BYTE:
        raise SourceFailedError(f"{path.name} is no idx file of unsigned bytes")
    dimensions = data[3]
    start = 4 + 4 * dimensions
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    if len(data) != start + math.prod(shape):
        raise SourceFailedError(f"{path.name} has {len(data) - start} bytes for the shape {shape}")
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)
