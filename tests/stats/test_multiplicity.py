from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from common.stats.multiplicity import benjamini_hochberg, holm
from common.strict import BadInputError

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=15)


def test_holm_by_hand() -> None:
    # Sorted .01, .02, .04: times 3, 2, 1, then made monotone.
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])


@settings(max_examples=10)  # statsmodels collects garbage at each call: 60 ms
@given(P_VALUES)
def test_holm_steps_down(p_values: list[float]) -> None:
    order = np.argsort(p_values)
    expected, running = np.zeros(len(p_values)), 0.0
    for rank, place in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[place]))
        expected[place] = running
    assert holm(p_values) == pytest.approx(expected)


@given(P_VALUES)
def test_benjamini_hochberg_agrees_with_statsmodels(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(multipletests(p_values, method="fdr_bh")[1])


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
@pytest.mark.parametrize(
    ("p_values", "sentence"), [([], "0 value"), ([0.5, float("nan")], "nan"), ([1.2], "between 0 and 1")]
)
def test_what_is_no_p_value_is_refused(
    correct: Callable[..., object], p_values: list[float], sentence: str
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        correct(p_values)
