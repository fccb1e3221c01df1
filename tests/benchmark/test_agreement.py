from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from common.benchmark.agreement import agreement


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (3, 3.0),
        ([1.0, math.nan], np.array([1.0, math.nan])),
        (np.array([True, False]), [1, 0]),
        (torch.ones(2, 3, requires_grad=True), np.ones((2, 3))),
        ([np.zeros(2), torch.ones(3)], (np.zeros(2), np.ones(3))),
        ({"b": [1, 2], "a": 0}, {"a": 0, "b": [1, 2]}),
        (math.inf, math.inf),
        ([], []),
    ],
)
def test_equal_results_agree_whatever_holds_them(first: Any, second: Any) -> None:
    assert agreement(first, second).within(0.0)


def test_the_largest_difference_and_how_many_there_are() -> None:
    found = agreement(
        [np.array([1.0, 2.0, 3.0]), np.array([4.0])], [np.array([1.0, 2.5, 3.0]), np.array([3.0])]
    )
    assert (found.largest, found.differing, found.numbers) == (1.0, 2, 4)
    assert found.in_words() == "2 of 4 numbers differ, by up to 1"
    assert found.within(1.0)
    assert not found.within(0.99)


def test_bytes_do_not_wrap_around() -> None:
    levels = np.array([[0], [255]], dtype=np.uint8)
    assert agreement(levels[0], levels[1]).largest == 255


@pytest.mark.parametrize("other", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_differs_without_limit(other: float) -> None:
    assert not agreement([1.0], [other]).within(1e300)


@pytest.mark.parametrize(
    ("first", "second"), [([1, 2], [1, 2, 3]), (np.zeros((2, 3)), np.zeros((3, 2))), ([], [1])]
)
def test_other_shapes_never_agree(first: Any, second: Any) -> None:
    found = agreement(first, second)
    assert not found.within(math.inf)
    assert found.in_words().startswith("one has the shapes [(")
