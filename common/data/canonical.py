"""The canonical hash of an array: the same whichever source, byte order or memory layout it came with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError

Array = NDArray[np.generic]

BLOCK_BYTES = 1 << 24
HASHABLE_KINDS = "buif"  # booleans, integers and floats: kinds whose values are their bytes


def canonical(array: Array) -> Array:
    """The same values as a C-ordered little-endian array; raises BadInputError for other kinds of values."""
    if array.dtype.kind not in HASHABLE_KINDS:
        raise BadInputError(
            f"An array of dtype {array.dtype} can't be hashed; give booleans, integers or floats."
        )
    # ascontiguousarray makes a scalar one-dimensional, hence the reshape.
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape)


def canonical_hash(array: Array) -> str:
    """SHA-256 of the line `<dtype> <shape>` followed by the C-ordered little-endian bytes.

    The dtype is numpy's string (`|u1`, `<f4`), the shape is comma-separated (`50000,32,32,3`; empty for a
    scalar). Negative zero and NaN payloads count as the bytes they are.
    """
    dtype = array.dtype.newbyteorder("<").str
    digest = hashlib.sha256(f"{dtype} {','.join(map(str, array.shape))}\n".encode())
    for block in _blocks(array):
        digest.update(block.tobytes())
    return digest.hexdigest()


def _blocks(array: Array) -> Iterator[Array]:
    """Canonical pieces along the first axis, so that a memory-mapped array never fills the memory."""
    if array.ndim == 0 or array.size == 0:
        yield canonical(array)
        return
    rows = max(1, BLOCK_BYTES // max(1, array.nbytes // len(array)))
    for start in range(0, len(array), rows):
        yield canonical(array[start : start + rows])
