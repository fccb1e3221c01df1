from __future__ import annotations

import numpy as np
import pytest

from common.data.corruptions.images import check_images, levels_to_bytes, to_bytes, to_unit_interval
from common.strict import BadInputError


def test_values_are_clipped_and_truncated() -> None:
    values = np.array([-0.5, 0.0, 0.5, 254.999 / 255, 1.0, 1.7])
    assert to_bytes(values).tolist() == [0, 0, 127, 254, 255, 255]


def test_rounding_error_costs_no_level() -> None:
    levels = np.arange(256.0)
    assert (levels_to_bytes(levels * (1 - 1e-15)) == np.arange(256)).all()


def test_bytes_survive_the_way_to_the_unit_interval_and_back() -> None:
    every = np.resize(np.arange(256, dtype=np.uint8), (1, 28, 28, 3))
    assert (to_bytes(to_unit_interval(every)) == every).all()


@pytest.mark.parametrize(
    ("shape", "dtype", "sentence"),
    [
        ((2, 32, 32, 3), np.float64, "dtype uint8 with values 0 to 255, not float64"),
        ((2, 32, 32), np.uint8, r"not \[2, 32, 32\]"),
        ((2, 32, 32, 1), np.uint8, "Repeat a grey channel"),
        ((2, 27, 32, 3), np.uint8, "sides of at least 28"),
    ],
)
def test_other_arrays_are_refused(shape: tuple[int, ...], dtype: type, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        check_images(np.zeros(shape, dtype))
