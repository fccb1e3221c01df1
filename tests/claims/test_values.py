from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from common.claims.schema import ValueClaim, Verdict
from common.claims.values import judge_value
from common.records.schema import Record
from tests.claims.builders import make_records, value_claim

VALUES = [9.9, 10.1, 10.0, 10.2, 9.95]
FULL = make_records("ent", VALUES, scale="full")
DETERMINISTIC = {"data_set": "cifar10", "epochs": 1, "deterministic": True}


def _judge(claim: ValueClaim, records: list[Record], scale: Any = "full") -> Verdict:
    return judge_value(claim, records, scale)


def test_reproduced_by_equivalence_and_says_so() -> None:
    # By hand: mean 10.03, s = 0.1204159, error 0.0538516, t(4; .975) = 2.776445, t(4; .95) = 2.131847.
    verdict = _judge(value_claim(10.0), FULL)
    assert verdict.word == "reproduced"
    assert verdict.sentence == (
        "ENT's error is 10.03 % here (95 % interval [9.88, 10.18], n = 5 seeds), against the published 10 % "
        "(Table 1; taken as exact); the 90 % interval of the difference, "
        "[\N{MINUS SIGN}0.08, 0.14], lies within the margin of ±0.5 %: reproduced at full scale."
    )
    assert verdict.difference is not None
    assert verdict.difference.low == pytest.approx(0.03 - 2.131847 * 0.0538516, abs=1e-6)
    expected = DescrStatsW(VALUES).ttost_mean(9.5, 10.5)[0]
    assert verdict.difference.p_value == pytest.approx(expected)
    assert verdict.estimate is not None
    assert verdict.estimate.low == pytest.approx(10.03 - 2.776445 * 0.0538516, abs=1e-6)


@pytest.mark.parametrize(
    ("published", "word", "words"),
    [
        (
            12.0,
            "differs",
            "95 % interval of the difference, [\N{MINUS SIGN}2.12, \N{MINUS SIGN}1.82], lies wholly",
        ),
        (10.5, "inconclusive", "reaches beyond the margin"),
        (9.0, "differs", "lies wholly outside the margin of ±0.5 %"),
    ],
)
def test_what_is_not_reproduced_is_explained(published: float, word: str, words: str) -> None:
    verdict = _judge(value_claim(published), FULL)
    assert verdict.word == word
    assert words in verdict.sentence


@given(st.lists(st.floats(0, 100), min_size=2, max_size=6), st.floats(0, 100), st.floats(0.1, 10))
def test_mirrored_about_zero_the_word_stays(values: list[float], published: float, margin: float) -> None:
    verdict = _judge(value_claim(published, margin), make_records("ent", values, scale="full"))
    mirrored = make_records("ent", [-value for value in values], scale="full")
    assert _judge(value_claim(-published, margin), mirrored).word == verdict.word


def test_a_reduced_scale_is_never_reproduced() -> None:
    verdict = _judge(value_claim(10.0), make_records("ent", VALUES), "quick")
    assert verdict.word == "not comparable"
    assert verdict.differing_facts == {"scale": ("full", "quick")}
    assert "scale is full there and quick here" in verdict.sentence
    assert verdict.difference is None
    assert verdict.estimate is not None


def test_each_differing_fact_is_named() -> None:
    protocol = {"data_set": "cifar10", "epochs": 5, "network": "WRN-28-10", "reset": None, "pretrained": True}
    records = make_records(
        "ent", VALUES, scale="full", protocol={"data_set": "cifar10", "epochs": 1, "pretrained": 1, "more": 3}
    )
    verdict = _judge(value_claim(10.0, protocol=protocol), records)
    assert verdict.word == "not comparable"
    assert verdict.differing_facts == {
        "epochs": (5, 1),
        "network": ("WRN-28-10", "not recorded"),
        "reset": (None, "not recorded"),
        "pretrained": (True, 1),
    }
    assert (
        "epochs is 5 there and 1 here; network is WRN-28-10 there and not recorded here" in verdict.sentence
    )


def test_records_of_several_protocols_are_not_comparable() -> None:
    mixed = (
        FULL[:2]
        + make_records("ent", VALUES, scale="full", protocol={"data_set": "cifar10", "epochs": 2})[2:]
    )
    verdict = _judge(value_claim(10.0), mixed)
    assert verdict.differing_facts == {"epochs": (1, "mixed: 1, 2")}


def test_a_published_spread_widens_the_interval() -> None:
    exact = _judge(value_claim(10.0), FULL)
    spread = {"plus_minus": 0.3, "n": 3}
    unexplained = _judge(value_claim(10.0, **spread), FULL)
    known = _judge(value_claim(10.0, **spread, plus_minus_kind="standard deviation"), FULL)
    assert exact.difference == unexplained.difference
    assert "taken as exact" in unexplained.sentence
    assert known.word == "inconclusive"
    assert "± 0.3, standard deviation, n = 3" in known.sentence
    # By hand: errors 0.0538516 and 0.3 / sqrt 3 = 0.1732051 in squares: 0.1813836; t(2; .95) = 2.919986.
    assert known.difference is not None
    assert known.difference.high == pytest.approx(0.03 + 2.919986 * 0.1813836, abs=1e-5)
    error = _judge(value_claim(10.0, plus_minus=0.3 / 3**0.5, n=3, plus_minus_kind="standard error"), FULL)
    assert error.difference == known.difference


@pytest.mark.parametrize(
    ("value", "word"), [(10.2, "reproduced"), (10.5, "reproduced"), (10.51, "differs"), (9.4, "differs")]
)
def test_deterministic_values_compare_directly(value: float, word: str) -> None:
    verdict = _judge(value_claim(10.0), make_records("ent", [value], scale="full", protocol=DETERMINISTIC))
    assert verdict.word == word
    assert "(deterministic)" in verdict.sentence


@pytest.mark.parametrize(
    ("values", "words"),
    [([10.0], "one seed has no interval, so run more"), ([10.0] * 5, "show no noise to judge by")],
)
def test_what_has_no_interval_is_inconclusive(values: list[float], words: str) -> None:
    verdict = _judge(value_claim(10.0), make_records("ent", values, scale="full"))
    assert verdict.word == "inconclusive"
    assert verdict.estimate is None
    assert words in verdict.sentence


def test_nothing_run_is_said() -> None:
    verdict = _judge(value_claim(10.0), [])
    assert verdict.word == "not run"
    assert verdict.sentence == "Not run at full scale: no record of adaptation/ent exists."
