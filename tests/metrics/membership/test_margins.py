from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, softmax

from common.metrics.membership.margins import confidences, margins
from common.strict import BadInputError

LOGITS = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(2, 5)), elements=st.floats(-12, 12))


def test_by_hand() -> None:
    # p = (1, 2, 5) / 8: the odds of the third class are 5 : 3, of the first 1 : 7.
    logits = np.log([[1.0, 2.0, 5.0], [1.0, 2.0, 5.0]])
    assert margins(logits, [2, 0]) == pytest.approx([math.log(5 / 3), math.log(1 / 7)])
    assert confidences(logits, [2, 0]) == pytest.approx([5 / 8, 1 / 8])


@given(LOGITS)
def test_they_are_the_log_odds_of_the_softmax(logits: np.ndarray) -> None:
    labels = np.arange(len(logits)) % logits.shape[1]
    true_class = softmax(logits, axis=1)[np.arange(len(logits)), labels]
    others = softmax(logits, axis=1).sum(axis=1) - true_class
    assert confidences(logits, labels) == pytest.approx(true_class, rel=1e-9)
    assert margins(logits, labels) == pytest.approx(np.log(true_class) - np.log(others), abs=1e-4)


@given(LOGITS, st.floats(-1e3, 1e3))
def test_a_shift_of_all_logits_changes_nothing(logits: np.ndarray, shift: float) -> None:
    labels = np.zeros(len(logits), dtype=int)
    assert margins(logits + shift, labels) == pytest.approx(margins(logits, labels), abs=1e-9)


@given(LOGITS)
def test_the_order_of_the_other_classes_does_not_matter(logits: np.ndarray) -> None:
    labels = np.zeros(len(logits), dtype=int)
    reversed_others = np.concatenate([logits[:, :1], logits[:, :0:-1]], axis=1)
    assert margins(reversed_others, labels) == pytest.approx(margins(logits, labels), abs=1e-9)


def test_certainty_neither_overflows_nor_saturates() -> None:
    # Between two classes phi is the difference, though p_y rounds to 1 from a difference of 37 on.
    logits = np.array([[1e4, -1e4], [60.0, 0.0], [-1e4, 1e4]], dtype=np.float32)
    assert margins(logits, [0, 0, 0]).tolist() == [2e4, 60.0, -2e4]
    assert confidences(logits, [0, 0, 0]).tolist() == [1.0, float(expit(60.0)), 0.0]


def test_the_logits_given_are_left_as_they_are() -> None:
    logits = np.zeros((2, 3))
    margins(logits, [0, 1])
    assert not logits.any()


@pytest.mark.parametrize(
    ("logits", "labels", "sentence"),
    [
        ([1.0, 2.0], [0], "2 dimension"),
        ([[1.0], [2.0]], [0, 0], "one class against others"),
        ([[1.0, math.nan]], [0], r"nan at \(0, 1\); look whether the network"),
        ([[1.0, 2.0]], [0, 1], "one integer for each of the 1 rows"),
        ([[1.0, 2.0]], [0.0], "one integer for each"),
        ([[1.0, 2.0]], [2], "the classes from 0 to 1"),
        ([[1.0, 2.0]], [-1], "run from -1 to -1"),
    ],
)
def test_bad_logits_and_labels_are_refused(logits: list[float], labels: list[int], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        margins(logits, labels)
