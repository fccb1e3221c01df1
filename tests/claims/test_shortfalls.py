"""Claims that one side falls short of the other by no more than so much."""

from __future__ import annotations

import pytest

from common.claims.effects import judge_effect
from tests.claims.builders import comparison, effect_claim, make_records

DETERMINISTIC = {"protocol": {"deterministic": True}}
NAMES = {"minuend_name": "Worst-case accuracy", "subtrahend_name": "random accuracy"}


@pytest.mark.parametrize(
    ("at_least", "word"), [(-0.3, "holds"), (-0.15, "inconclusive"), (-0.02, "fails"), (0.0, "fails")]
)
def test_the_interval_must_stay_on_its_side_of_the_allowed_shortfall(at_least: float, word: str) -> None:
    # By hand: differences -0.1, -0.2, -0.1, -0.2, -0.1, mean -0.14, s² = 0.003, error 0.0244949,
    # half width 0.068009: [-0.208, -0.072].
    records = make_records("ent", [93.9, 94.1, 94.2, 93.8, 94.0])
    records += make_records("bn_adapt", [94.0, 94.3, 94.3, 94.0, 94.1])
    claim = effect_claim(comparison(expected="positive", at_least=at_least, **NAMES))
    assert judge_effect(claim, records, "quick").word == word
    mirrored = effect_claim(comparison("bn_adapt", "ent", expected="negative", at_least=at_least))
    assert judge_effect(mirrored, records, "quick").word == word


def test_the_sentence_says_what_is_allowed() -> None:
    records = make_records("ent", [94.1, 94.3, 94.2, 94.0, 94.2])
    records += make_records("bn_adapt", [94.0, 94.1, 94.3, 94.0, 94.1])
    claim = effect_claim(comparison(expected="positive", at_least=-0.3, **NAMES))
    assert judge_effect(claim, records, "quick").sentence == (
        "Worst-case accuracy is 0.06 points above random accuracy (95 % interval [\N{MINUS SIGN}0.08, 0.20], "
        "n = 5 seeds), where the claim expects it not more than 0.3 points below: holds at quick scale."
    )
    below = effect_claim(comparison(expected="negative", at_least=-0.3))
    assert "not more than 0.3 points above: holds" in judge_effect(below, records, "quick").sentence


@pytest.mark.parametrize(
    ("ours", "word", "words"),
    [
        (
            10.0,
            "holds",
            "(deterministic), where the claim expects it not more than 0.3 points below",
        ),
        (9.8, "holds", "is exactly 0.2 points below bn_adapt's (deterministic)"),
        (9.7, "holds", "is exactly 0.3 points below"),
        (9.6, "fails", "is exactly 0.4 points below"),
    ],
)
def test_deterministic_shortfalls(ours: float, word: str, words: str) -> None:
    records = make_records("ent", [ours], **DETERMINISTIC) + make_records("bn_adapt", [10.0], **DETERMINISTIC)
    claim = effect_claim(comparison(expected="positive", at_least=-0.3))
    verdict = judge_effect(claim, records, "quick")
    assert verdict.word == word
    assert words in verdict.sentence


def test_random_values_that_all_agree_stay_inconclusive() -> None:
    records = make_records("ent", [100.0] * 5) + make_records("bn_adapt", [100.0] * 5)
    claim = effect_claim(comparison(expected="positive", at_least=-0.3))
    assert judge_effect(claim, records, "quick").word == "inconclusive"
