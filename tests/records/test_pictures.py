from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from common.records.pictures import Picture, encode
from common.strict import BadInputError, validate

SIZES = st.tuples(*[st.integers(1, 5)] * 3)


@given(arrays(np.uint8, SIZES | st.tuples(SIZES).map(lambda sizes: (*sizes[0], 3))))
def test_images_come_back_as_they_were(images: NDArray[np.uint8]) -> None:
    back = encode({"images": images}, "a test")["images"].images()
    assert back.dtype == np.uint8
    assert np.array_equal(back, images)


def test_the_bytes_are_the_pixels_row_by_row() -> None:
    images = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    expected = base64.b64encode(bytes(range(6))).decode()
    assert encode({"images": images}, "a test")["images"] == Picture(bytes=expected, shape=[1, 2, 3])
    transposed = encode({"images": images.transpose(0, 2, 1)}, "a test")["images"]
    assert base64.b64decode(transposed.bytes) == bytes([0, 3, 1, 4, 2, 5])


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((2, 3, 3)), r"float64 \[2, 3, 3\]"),
        (np.zeros((3, 3), dtype=np.uint8), r"uint8 \[3, 3\]"),
        (np.zeros((2, 3, 3, 4), dtype=np.uint8), r"uint8 \[2, 3, 3, 4\]"),
        (np.zeros((0, 3, 3), dtype=np.uint8), r"uint8 \[0, 3, 3\]"),
        ([[[0]]], r"list \[\]"),
    ],
)
def test_other_arrays_are_refused(images: Any, said: str) -> None:
    with pytest.raises(BadInputError, match=rf"^a step, ent: the picture 'x' is {said}; hand over a numpy"):
        encode({"x": images}, "a step, ent")


@pytest.mark.parametrize(
    ("text", "shape", "sentence"),
    [
        ("AAEC", [1, 1, 4], "that many images have 4 bytes, not 3"),
        ("AAEC", [3], r"images are \[n, h, w\] or \[n, h, w, 3\]"),
        ("AA!C", [1, 1, 3], "'shape' is .*base64"),
        (None, [1, 1, 3], "'bytes' is None"),
    ],
)
def test_text_that_is_no_picture_is_named_without_repeating_it(
    text: str | None, shape: list[int], sentence: str
) -> None:
    with pytest.raises(BadInputError, match=f"^a file: .*{sentence}") as caught:
        validate(Picture, {"bytes": text, "shape": shape}, "a file")
    assert "AAEC" not in str(caught.value)


def test_reading_records_takes_no_numpy() -> None:
    program = "import sys, common.records.collected, common.runs.execute; print('numpy' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "False"
