from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from common.data import canonical
from common.data.canonical import canonical_hash
from common.strict import BadInputError

DTYPES = st.sampled_from(["|b1", "|u1", "|i1", "<u2", "<i4", "<i8", "<f2", "<f4", "<f8"])
ARRAYS = DTYPES.flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)


def test_the_hash_is_that_of_bytes_written_out_by_hand() -> None:
    array = np.array([[1, 2], [-1, 0]], dtype=">i2")
    by_hand = b"<i2 2,2\n" + b"\x01\x00" + b"\x02\x00" + b"\xff\xff" + b"\x00\x00"
    assert canonical_hash(array) == hashlib.sha256(by_hand).hexdigest()


def test_a_scalar_has_an_empty_shape() -> None:
    assert canonical_hash(np.array(7, dtype=np.uint8)) == hashlib.sha256(b"|u1 \n\x07").hexdigest()


@given(ARRAYS)
def test_byte_order_and_memory_layout_do_not_count(array: np.ndarray) -> None:
    swapped = array.astype(array.dtype.newbyteorder(">"))
    # Every other element of a larger array: neither C nor Fortran order.
    strided = np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array
    assert canonical_hash(array) == canonical_hash(swapped)
    assert canonical_hash(array) == canonical_hash(array.copy(order="F"))
    assert canonical_hash(array) == canonical_hash(strided)


@given(ARRAYS.filter(lambda array: array.size > 0), st.data())
def test_every_value_counts(array: np.ndarray, data: st.DataObject) -> None:
    changed = array.copy()
    place = data.draw(st.integers(0, array.size - 1))
    changed.reshape(-1).view(np.uint8)[place * array.itemsize] ^= 1
    assert canonical_hash(array) != canonical_hash(changed)


@given(ARRAYS)
def test_shape_and_dtype_count(array: np.ndarray) -> None:
    assert canonical_hash(array) != canonical_hash(array[np.newaxis])
    other = np.dtype(f"V{array.itemsize}") if array.dtype.kind == "b" else array.dtype
    signed = {"|u1": "|i1", "|i1": "|u1", "<u2": "<i2", "<i4": "<u4", "<i8": "<f8", "<f8": "<i8"}
    view = signed.get(other.str)
    if view is not None:
        assert canonical_hash(array) != canonical_hash(array.view(view))


@given(ARRAYS, st.integers(1, 64))
def test_the_size_of_the_blocks_does_not_count(array: np.ndarray, block: int) -> None:
    whole = canonical_hash(array)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical, "BLOCK_BYTES", block)
        assert canonical_hash(array) == whole


def test_a_memory_mapped_array_has_the_hash_of_the_array(tmp_path: Path) -> None:
    array = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    np.save(tmp_path / "array.npy", array)
    assert canonical_hash(np.load(tmp_path / "array.npy", mmap_mode="r")) == canonical_hash(array)


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([None]), np.array([1j])])
def test_values_that_are_more_than_their_bytes_are_refused(array: np.ndarray) -> None:
    with pytest.raises(BadInputError, match="can't be hashed"):
        canonical_hash(array)
