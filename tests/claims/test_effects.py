from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from common.claims.effects import judge_effect
from common.claims.schema import EffectClaim, Verdict
from common.records.schema import Record
from common.stats.multiplicity import holm
from common.strict import BadInputError
from tests.claims.builders import TEMPLATE, comparison, effect_claim, make_records, selection

OURS = make_records("ent", [8.0, 8.2, 7.9, 8.4, 8.1])
THEIRS = make_records("bn_adapt", [10.1, 10.4, 9.9, 10.6, 10.2])
DETERMINISTIC = {"protocol": {"deterministic": True}}
NAMES = {"minuend_name": "ENT's error", "subtrahend_name": "BN adaptation's"}
ERRORS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=2, max_size=6)


def _judge(claim: EffectClaim, records: list[Record]) -> Verdict:
    return judge_effect(claim, records, "quick")


def test_a_clear_effect_holds_and_says_so() -> None:
    # By hand: differences -2.1, -2.2, -2.0, -2.2, -2.1, mean -2.12, s = 0.083666, error 0.0374166,
    # t(4; .975) = 2.776445, half width 0.103885.
    verdict = _judge(effect_claim(comparison(**NAMES)), OURS + THEIRS)
    assert verdict.word == "holds"
    assert verdict.sentence == (
        "ENT's error is 2.12 points below BN adaptation's (95 % interval [2.02, 2.22], n = 5 seeds): "
        "holds at quick scale."
    )
    assert verdict.estimate is not None
    assert verdict.estimate.mean == pytest.approx(-2.12)
    assert verdict.estimate.low == pytest.approx(-2.12 - 0.103885, abs=1e-6)
    assert verdict.estimate.high == pytest.approx(-2.12 + 0.103885, abs=1e-6)
    assert verdict.estimate.n == 5


@pytest.mark.parametrize(
    ("changes", "word", "words"),
    [
        ({"expected": "positive"}, "fails", "where the claim expects it above: fails at quick"),
        ({"at_least": 2.0}, "holds", "where the claim expects it at least 2 points below: holds"),
        ({"at_least": 2.1}, "inconclusive", "at least 2.1 points below: inconclusive"),
        ({"at_least": 3.0}, "fails", "at least 3 points below: fails"),
        (
            {"second": None, "constant": 8.0},
            "inconclusive",
            "0.12 points above 8 (95 % interval [\N{MINUS SIGN}0.12, 0.36]",
        ),
        ({"second": None, "constant": 9.0}, "holds", "0.88 points below 9"),
    ],
)
def test_the_interval_decides(changes: dict[str, Any], word: str, words: str) -> None:
    verdict = _judge(effect_claim(comparison(**changes)), OURS + THEIRS)
    assert verdict.word == word
    assert words in verdict.sentence


@given(ERRORS, st.floats(0, 5), st.randoms())
def test_mirroring_holds_and_order_does_not_matter(
    errors: list[tuple[float, float]], at_least: float, random: Any
) -> None:
    first, second = map(list, zip(*errors, strict=True))
    records = make_records("ent", first) + make_records("bn_adapt", second)
    verdict = _judge(effect_claim(comparison(at_least=at_least)), records)
    mirrored = comparison("bn_adapt", "ent", expected="positive", at_least=at_least)
    assert _judge(effect_claim(mirrored), records).word == verdict.word
    random.shuffle(records)
    assert _judge(effect_claim(comparison(at_least=at_least)), records) == verdict


@given(ERRORS, st.floats(0.01, 100))
def test_units_do_not_matter(errors: list[tuple[float, float]], scale: float) -> None:
    first, second = map(list, zip(*errors, strict=True))
    verdict = _judge(effect_claim(), make_records("ent", first) + make_records("bn_adapt", second))
    assume(verdict.estimate is not None)
    assert verdict.estimate is not None
    assume(min(abs(verdict.estimate.low), abs(verdict.estimate.high)) > 1e-6)
    scaled = make_records("ent", [scale * value for value in first]) + make_records(
        "bn_adapt", [scale * value for value in second]
    )
    assert _judge(effect_claim(), scaled).word == verdict.word


def test_seeds_are_paired_and_those_alone_left_out() -> None:
    verdict = _judge(effect_claim(), OURS[:3] + list(reversed(THEIRS)))
    assert verdict.estimate is not None
    assert verdict.estimate.n == 3
    assert "seeds 3, 4 left out for want of a partner" in verdict.sentence


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (OURS[:1] + THEIRS, "2.1 points below bn_adapt's at a single seed (seeds 1, 2, 3, 4 left out"),
        (OURS[:2] + THEIRS[2:], "have no seed in common"),
        (make_records("ent", [1.0] * 5) + make_records("bn_adapt", [2.0] * 5), "show no noise to judge by"),
        # Constant but for the rounding of binary fractions.
        (
            make_records("ent", [0.1 * k for k in range(5)])
            + make_records("bn_adapt", [0.1 * k + 0.7 for k in range(5)]),
            "show no noise",
        ),
    ],
)
def test_what_has_no_interval_is_inconclusive(records: list[Record], words: str) -> None:
    verdict = _judge(effect_claim(), records)
    assert verdict.word == "inconclusive"
    assert verdict.estimate is None
    assert words in verdict.sentence


@pytest.mark.parametrize(
    ("ours", "at_least", "word"),
    [
        (8.0, 0.0, "holds"),
        (8.0, 2.0, "holds"),
        (8.0, 2.1, "fails"),
        (10.0, 0.0, "fails"),
        (11.0, 0.0, "fails"),
    ],
)
def test_deterministic_records_compare_as_numbers(ours: float, at_least: float, word: str) -> None:
    records = make_records("ent", [ours], **DETERMINISTIC) + make_records("bn_adapt", [10.0], **DETERMINISTIC)
    verdict = _judge(effect_claim(comparison(at_least=at_least)), records)
    assert verdict.word == word
    assert "deterministic" in verdict.sentence
    assert verdict.estimate is not None
    assert verdict.estimate.deterministic


def test_a_deterministic_side_pairs_with_every_seed_of_a_random_one() -> None:
    source = make_records("source", [12.0], **DETERMINISTIC)
    verdict = _judge(effect_claim(comparison("ent", "source")), OURS + source)
    assert verdict.word == "holds"
    assert verdict.estimate is not None
    assert verdict.estimate.n == 5
    other = _judge(effect_claim(comparison("source", "ent", expected="positive")), OURS + source)
    assert other.word == "holds"


def test_deterministic_records_that_disagree_are_refused() -> None:
    records = make_records("ent", [8.0, 8.1], **DETERMINISTIC)
    with pytest.raises(BadInputError, match=r"deterministic, but error_percent runs from 8.0 to 8.1"):
        _judge(effect_claim(comparison(second=None, constant=9.0)), records)


def test_a_control_stays_marked_in_its_verdict() -> None:
    assert _judge(effect_claim(), OURS + THEIRS).origin == "paper"
    assert _judge(effect_claim(origin="control"), OURS + THEIRS).origin == "control"


def test_every_comparison_must_hold() -> None:
    holding = comparison()
    both = _judge(effect_claim(holding, comparison(at_least=1.0, label="by a point")), OURS + THEIRS)
    assert both.word == "holds"
    assert [part.label for part in both.parts] == ["ent against bn_adapt", "by a point"]
    assert both.sentence.startswith("2 comparisons (holds 2): holds at quick scale. by a point: ent's error")
    assert _judge(effect_claim(holding, comparison(at_least=2.1)), OURS + THEIRS).word == "inconclusive"
    assert _judge(effect_claim(holding, comparison(expected="positive")), OURS + THEIRS).word == "fails"


def test_one_failure_outweighs_what_was_not_run() -> None:
    missing = comparison("rpl")
    assert _judge(effect_claim(comparison(), missing), OURS + THEIRS).word == "not run"
    verdict = _judge(effect_claim(comparison(expected="positive"), missing), OURS + THEIRS)
    assert verdict.word == "fails"
    assert "(fails 1, not run 1)" in verdict.sentence


def test_a_weak_failure_among_many_does_not_survive_holm() -> None:
    # Differences of mean 2.1 against the expected negative side; alone p is between .01 and .05.
    weak = make_records("ent", [3.0, 1.0, 2.0, 4.0, 0.5]) + make_records("bn_adapt", [0.0] * 5)
    positive = comparison(expected="positive")
    alone = _judge(effect_claim(comparison()), weak)
    many = _judge(effect_claim(comparison(), *[positive] * 4), weak)
    assert alone.word == "fails"
    assert many.parts[0].word == "fails"
    assert many.word == "inconclusive"
    assert "Holm's correction" in many.sentence
    assert alone.estimate is not None
    assert alone.estimate.p_value is not None
    assert holm([alone.estimate.p_value, 1.0, 1.0, 1.0, 1.0]).min() >= 0.05


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (effect_claim(comparison("entt")), "no record has the method 'entt'. Did you mean 'ent'?"),
        (
            effect_claim(comparison(minuend=selection("ent", corruption="snow"))),
            "no record of adaptation/ent has corruption snow.",
        ),
        (
            effect_claim(comparison(minuend=selection("ent", corruption=["fog", "snow"]))),
            "no record of adaptation/ent has corruption snow.",
        ),
    ],
)
def test_not_run_says_what_is_missing(claim: EffectClaim, words: str) -> None:
    verdict = _judge(claim, OURS + THEIRS)
    assert verdict.word == "not run"
    assert verdict.sentence == f"Not run at quick scale: {words}"
    assert _judge(claim, []).word == "not run"


def test_means_over_different_conditions_are_refused() -> None:
    more = make_records("ent", [9.0] * 5, condition={"corruption": "snow"})
    with pytest.raises(BadInputError, match="only one of them has corruption snow"):
        _judge(effect_claim(), OURS + more + THEIRS)
    with pytest.raises(BadInputError, match="seeds of adaptation/ent cover different conditions"):
        _judge(effect_claim(), OURS + more[:2] + THEIRS)


def test_conditions_fixed_on_each_side_may_differ() -> None:
    snow = make_records("ent", [9.1, 9.3, 8.8, 9.6, 9.0], condition={"corruption": "snow"})
    claim = effect_claim(
        comparison(minuend=selection("ent", corruption="fog"), subtrahend=selection("ent", corruption="snow"))
    )
    verdict = _judge(claim, OURS + snow)
    assert verdict.word == "holds"
    assert (
        "ent's error_percent at corruption fog is 1.04 points below ent's at corruption snow"
        in verdict.sentence
    )


def test_unknown_metrics_and_nan_are_refused() -> None:
    wrong = comparison(minuend=selection("ent").model_copy(update={"metric": "eror_percent"}))
    with pytest.raises(BadInputError, match=r"no metric 'eror_percent'; it has error_percent"):
        _judge(effect_claim(wrong), OURS + THEIRS)
    broken = TEMPLATE.model_copy(update={"seed": 9, "metrics": {"error_percent": float("nan")}})
    with pytest.raises(BadInputError, match="error_percent of adaptation/ent is nan at seed 9"):
        _judge(effect_claim(), [*OURS, broken, *THEIRS])
