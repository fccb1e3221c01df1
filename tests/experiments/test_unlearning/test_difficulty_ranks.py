from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import percentileofscore, spearmanr

from common.strict import BadInputError
from experiments.unlearning.difficulty.ranks import percentile_ranks, rank_correlation

values_with_ties = st.lists(st.integers(-3, 3).map(float), min_size=2, max_size=30)


def test_percentile_ranks_by_hand() -> None:
    assert percentile_ranks([5.0, 1.0, 5.0, 9.0]).tolist() == [50.0, 12.5, 50.0, 87.5]


@given(values_with_ties)
def test_percentile_ranks_count_those_below_and_half_of_the_ties(values: list[float]) -> None:
    expected = [percentileofscore(values, value, kind="mean") for value in values]
    found = percentile_ranks(values)
    assert found == pytest.approx(np.array(expected))
    assert found.mean() == pytest.approx(50)
    assert percentile_ranks(np.exp(values)).tolist() == found.tolist()


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=3, max_size=30))
def test_rank_correlation_is_spearman_s(pairs: list[tuple[int, int]]) -> None:
    first, second = zip(*pairs, strict=True)
    if len(set(first)) > 1 and len(set(second)) > 1:
        assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic)
    else:
        assert rank_correlation(first, second) == 0


@pytest.mark.parametrize("measure", [percentile_ranks, lambda scores: rank_correlation(scores, [1, 2, 3])])
def test_what_is_not_a_number_has_no_rank(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(BadInputError, match="1 of 3 scores are not a number"):
        measure([1.0, np.nan, 2.0])
