from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from common.claims.effects import judge_effect
from common.claims.quantities import Obstacle
from common.claims.rankings import measure_agreement
from common.claims.schema import Verdict
from common.records.schema import Record
from common.strict import BadInputError
from tests.claims.builders import comparison, effect_claim, make_records, ranking

METHODS = ["ent", "rpl", "bn_adapt", "source"]
# Seed by seed, the value of each method under snow; under fog they are 1, 2, 3, 4.
# By hand, 1 - 6 Σd² / 60: -1, -0.8, -0.8, -0.8, -1.
SNOW: list[list[float]] = [[4, 3, 2, 1], [4, 3, 1, 2], [3, 4, 2, 1], [4, 2, 3, 1], [4, 3, 2, 1]]
FOG: list[list[float]] = [[1, 2, 3, 4]] * 5
DETERMINISTIC = {"protocol": {"deterministic": True}}


def _records(fog: list[list[float]], snow: list[list[float]], **changes: Any) -> list[Record]:
    return [
        record
        for corruption, seeds in (("fog", fog), ("snow", snow))
        for method, values in zip(METHODS, zip(*seeds, strict=True), strict=False)
        for record in make_records(method, list(values), condition={"corruption": corruption}, **changes)
    ]


def _judge(records: list[Record], *methods: str, **changes: Any) -> Verdict:
    given: dict[str, Any] = {"minuend": ranking(*(methods or METHODS)), "constant": 0.0, **changes}
    return judge_effect(effect_claim(comparison(second=None, **given), unit=""), records, "quick")


def test_a_ranking_that_flips() -> None:
    # Mean -0.88, s² = 0.012, error 0.0489898, t(4; .975) = 2.776445, half width 0.136018.
    verdict = _judge(_records(FOG, SNOW))
    assert verdict.sentence == (
        "The rank correlation of ent, rpl, bn_adapt and source by error_percent between corruption fog and "
        "corruption snow is 0.88 below 0 (95 % interval [0.74, 1.02], n = 5 seeds): holds at quick scale."
    )
    assert verdict.estimate is not None
    assert verdict.estimate.mean == pytest.approx(-0.88)
    assert verdict.estimate.high == pytest.approx(-0.88 + 0.136018, abs=1e-6)
    assert verdict.parts[0].label == "ranking at corruption fog against corruption snow"
    assert _judge(_records(FOG, SNOW), constant=-0.95).word == "inconclusive"
    assert _judge(_records(FOG, SNOW), expected="positive").word == "fails"


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=4, max_size=4))
def test_each_seed_has_the_correlation_that_scipy_gives(pairs: list[tuple[int, int]]) -> None:
    fog, snow = ([float(value) for value in side] for side in zip(*pairs, strict=True))
    agreement = measure_agreement(_records([fog], [snow]), ranking(*METHODS))
    if len(set(fog)) == 1 or len(set(snow)) == 1:
        assert isinstance(agreement, Obstacle)
        return
    assert not isinstance(agreement, Obstacle)
    assert agreement.values == [pytest.approx(spearmanr(fog, snow).statistic)]


def test_methods_that_only_rounding_parts_share_a_rank() -> None:
    # Ranks 1.5, 1.5, 3 and 1, 2, 3: covariance 1.5, variances 1.5 and 2, so 1.5 / sqrt(3).
    agreement = measure_agreement(_records([[0.3, 0.1 + 0.2, 0.5]], [[1, 2, 3]]), ranking(*METHODS[:3]))
    assert not isinstance(agreement, Obstacle)
    assert agreement.values == [pytest.approx(0.8660254)]


def test_a_seed_without_every_method_is_left_out() -> None:
    records = [record for record in _records(FOG, SNOW) if (record.method, record.seed) != ("rpl", 3)]
    verdict = _judge(records)
    assert verdict.estimate is not None
    assert verdict.estimate.n == 4
    assert "n = 4 seeds; seed 3 left out for want of a partner" in verdict.sentence


def test_seeds_that_no_two_methods_share() -> None:
    records = [record for record in _records(FOG, SNOW) if (record.method == "ent") == (record.seed == 0)]
    verdict = _judge(records)
    assert verdict.word == "inconclusive"
    assert "has no seed at which every method was run under both conditions (seeds 0, 1, 2, 3, 4" in (
        verdict.sentence
    )


@pytest.mark.parametrize(
    ("methods", "changes", "words"),
    [
        (["ent", "rpl", "surce"], {}, "no record has the method 'surce'. Did you mean 'source'?"),
        (METHODS, {"second": {"corruption": "blur"}}, "no record of adaptation/ent has corruption blur."),
    ],
)
def test_what_was_not_run_is_named(methods: list[str], changes: dict[str, Any], words: str) -> None:
    verdict = _judge(_records(FOG, SNOW), minuend=ranking(*methods, **changes))
    assert verdict.word == "not run"
    assert verdict.sentence == f"Not run at quick scale: {words}"


def test_methods_that_all_tie_cannot_be_ranked() -> None:
    verdict = _judge(_records([*FOG[:4], [0.3, 0.1 + 0.2, 0.3, 0.3]], SNOW))
    assert verdict.word == "inconclusive"
    assert verdict.sentence == (
        "At seed 4 all 4 methods have the same error_percent under one of the conditions, so there is "
        "nothing to rank: inconclusive at quick scale."
    )


def test_the_same_correlation_at_every_seed_is_inconclusive() -> None:
    verdict = _judge(_records(FOG, [SNOW[0]] * 5))
    assert verdict.word == "inconclusive"
    assert "is exactly 1 below 0 at each of 5 seeds, and a rank correlation that" in verdict.sentence


def test_deterministic_rankings_compare_as_numbers() -> None:
    verdict = _judge(_records(FOG[:1], SNOW[1:2], **DETERMINISTIC))
    assert verdict.word == "holds"
    assert "is exactly 0.8 below 0 (deterministic)" in verdict.sentence


def test_methods_over_different_conditions_are_refused() -> None:
    records = [
        record.model_copy(update={"condition": {**record.condition, "severity": severity}})
        for severity in (1, 5)
        for record in _records(FOG, SNOW)
        if severity == 1 or record.method != "rpl"
    ]
    with pytest.raises(BadInputError, match="only one of them has corruption fog, severity 5"):
        _judge(records)


def test_conditions_that_both_rankings_share_are_named_once() -> None:
    records = [
        record.model_copy(update={"condition": {**record.condition, "severity": 5}})
        for record in _records(FOG, SNOW)
    ]
    both = ranking(
        *METHODS, first={"corruption": "fog", "severity": 5}, second={"corruption": "snow", "severity": 5}
    )
    assert "between corruption fog and corruption snow, both at severity 5 is" in (
        _judge(records, minuend=both).sentence
    )
