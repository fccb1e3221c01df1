"""How often verdicts err, counted over simulated claims that go through the real verdict functions.

Where the truth lies exactly on the boundary, a promise of 5 % may be missed by sampling error alone: a
count may reach the 99.9 % quantile of the binomial distribution at 5 %, and no more.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from common.claims.schema import Claim
from common.claims.verdicts import judge
from common.records.schema import Record
from tests.claims.builders import comparison, effect_claim, make_records, ranking, selection, value_claim

REPEATS = 1000
MOST = int(binom.ppf(0.999, REPEATS, 0.05))
SEEDS = [3, 5]


def _values(generator: np.random.Generator, mean: float, n: int, spread: float = 1.0) -> list[float]:
    return [float(value) for value in generator.normal(mean, spread, size=n)]


def _pairs(generator: np.random.Generator, effect: float, n: int, **changes: Any) -> list[Record]:
    """Two methods that share each seed's luck, the first `effect` above the second."""
    luck = generator.normal(20, 3, size=n)
    first = [float(value) for value in luck + effect + generator.normal(size=n)]
    return make_records("ent", first, **changes) + make_records(
        "bn_adapt", [float(value) for value in luck], **changes
    )


def _full(values: list[float]) -> list[Record]:
    return make_records("ent", values, scale="full")


def _words(claims: list[tuple[Claim, list[Record]]], scale: Any = "quick") -> Counter[str]:
    return Counter(judge(claim, records, scale).word for claim, records in claims)


@pytest.mark.parametrize("n", SEEDS)
@pytest.mark.parametrize("side", [-1, 1])
def test_values_exactly_at_the_margin_are_seldom_reproduced(n: int, side: int) -> None:
    generator = np.random.default_rng(n)
    # A spread far below the margin is where the test is at its most generous.
    words = _words(
        [
            (value_claim(10.0, margin=0.5), _full(_values(generator, 10.0 + side * 0.5, n, 0.05)))
            for _ in range(REPEATS)
        ],
        "full",
    )
    assert 0 < words["reproduced"] <= MOST
    # Two-sided 95 %, of which one side can err here.
    assert 0 < words["differs"] <= MOST


@pytest.mark.parametrize("published_n", [2, 3, 10])
@pytest.mark.parametrize("published_spread", [0.05, 0.5])
def test_the_5_percent_hold_where_the_published_number_is_itself_a_draw(
    published_n: int, published_spread: float
) -> None:
    generator = np.random.default_rng(published_n)
    claims: list[tuple[Claim, list[Record]]] = []
    for _ in range(REPEATS):
        theirs = generator.normal(10.0, published_spread, size=published_n)
        claim = value_claim(
            float(theirs.mean()),
            margin=3.0,
            plus_minus=float(theirs.std(ddof=1)),
            n=published_n,
            plus_minus_kind="standard deviation",
        )
        claims.append((claim, _full(_values(generator, 13.0, 5, 0.1))))
    words = _words(claims, "full")
    assert words["reproduced"] <= MOST
    assert words["differs"] <= MOST


def test_ignoring_a_known_published_spread_would_break_the_5_percent() -> None:
    """Why plus_minus_kind exists: the same claims, the published mean taken as exact."""
    generator = np.random.default_rng(1)
    words = _words(
        [
            (
                value_claim(float(generator.normal(10.0, 0.5, size=3).mean()), margin=3.0),
                _full(_values(generator, 13.0, 5, 0.1)),
            )
            for _ in range(REPEATS)
        ],
        "full",
    )
    assert words["reproduced"] > MOST


def test_equal_values_are_mostly_reproduced() -> None:
    generator = np.random.default_rng(0)
    words = _words(
        [(value_claim(10.0, margin=0.5), _full(_values(generator, 10.0, 5, 0.2))) for _ in range(200)], "full"
    )
    assert words["reproduced"] > 180
    assert words["differs"] == 0


@pytest.mark.parametrize("n", SEEDS)
@pytest.mark.parametrize("at_least", [0.0, 2.0])
def test_effects_that_are_just_not_there_seldom_hold_or_fail(n: int, at_least: float) -> None:
    generator = np.random.default_rng(n)
    claim = effect_claim(comparison(at_least=at_least))
    words = _words([(claim, _pairs(generator, -at_least, n)) for _ in range(REPEATS)])
    assert 0 < words["holds"] <= MOST
    assert 0 < words["fails"] <= MOST


def test_claims_of_several_comparisons_seldom_hold_by_chance() -> None:
    """The worst case for `holds`: all comparisons but one are true beyond doubt."""
    generator = np.random.default_rng(7)
    claim = effect_claim(*(_at(severity) for severity in range(1, 5)))
    words = _words([(claim, _four(generator, [0.0, -50.0, -50.0, -50.0])) for _ in range(REPEATS)])
    assert words["holds"] <= MOST


def test_claims_of_several_comparisons_seldom_fail_by_chance() -> None:
    """Four effects exactly at the boundary: without Holm's correction about twice 5 % would fail."""
    generator = np.random.default_rng(8)
    claim = effect_claim(*(_at(severity) for severity in range(1, 5)))
    verdicts = [judge(claim, _four(generator, [0.0] * 4), "quick") for _ in range(REPEATS)]
    assert sum(verdict.word == "fails" for verdict in verdicts) <= MOST
    assert sum(any(part.word == "fails" for part in verdict.parts) for verdict in verdicts) > MOST


def test_real_effects_hold() -> None:
    generator = np.random.default_rng(9)
    words = _words([(effect_claim(), _pairs(generator, -4.0, 5)) for _ in range(200)])
    assert words["holds"] > 190
    assert words["fails"] == 0


@pytest.mark.parametrize("n", SEEDS)
@pytest.mark.parametrize("times", [0.2, 2.0])
def test_exact_multiples_seldom_hold_or_fail(n: int, times: float) -> None:
    generator = np.random.default_rng(n)
    claim = effect_claim(comparison(times=times))
    words = _words(
        [
            (claim, _two(_values(generator, times * 10, n, times), _values(generator, 10, n, 2.0)))
            for _ in range(REPEATS)
        ]
    )
    assert 0 < words["holds"] <= MOST
    assert 0 < words["fails"] <= MOST


@pytest.mark.parametrize("n", [5, 6, 10])
@pytest.mark.parametrize("shared", [0.0, 3.0])
def test_equal_spreads_seldom_differ(n: int, shared: float) -> None:
    """With and without luck that both sides share at a seed; 5 seeds err least, and decide least."""
    generator = np.random.default_rng(n)
    claim = effect_claim(comparison(of="spread"))
    words = _words([(claim, _spreads(generator, n, shared, 1.0)) for _ in range(REPEATS)])
    assert words["holds"] <= MOST
    assert words["fails"] <= MOST
    assert words["inconclusive"] < REPEATS


@pytest.mark.parametrize(("n", "ratio", "least", "most"), [(5, 0.0, 0.15, 0.35), (10, 0.2, 0.7, 0.95)])
def test_five_seeds_seldom_show_a_smaller_spread(n: int, ratio: float, least: float, most: float) -> None:
    """What the docstring of distances_from_median says of its power, even against no spread at all."""
    generator = np.random.default_rng(n)
    claim = effect_claim(comparison(of="spread"))
    words = _words([(claim, _spreads(generator, n, 0.0, ratio)) for _ in range(300)])
    assert least < words["holds"] / 300 < most
    assert words["fails"] == 0


def test_unrelated_rankings_seldom_seem_to_agree_or_flip() -> None:
    generator = np.random.default_rng(10)
    names = [f"method_{number}" for number in range(4)]
    flips = comparison(second=None, minuend=ranking(*names), constant=0.0)
    claim = effect_claim(flips, unit="")
    words = _words([(claim, _unrelated(generator, names)) for _ in range(REPEATS)])
    assert 0 < words["holds"] <= MOST
    assert 0 < words["fails"] <= MOST


def _two(first: list[float], second: list[float]) -> list[Record]:
    return make_records("ent", first) + make_records("bn_adapt", second)


def _spreads(generator: np.random.Generator, n: int, shared: float, ratio: float) -> list[Record]:
    """Two methods with the same luck at each seed, their own noise `ratio` to 1."""
    luck = generator.normal(20, shared, size=n)
    first, second = luck + ratio * generator.normal(size=n), luck + generator.normal(size=n)
    return _two([float(value) for value in first], [float(value) for value in second])


def _unrelated(generator: np.random.Generator, methods: list[str]) -> list[Record]:
    return [
        record
        for corruption in ("fog", "snow")
        for method in methods
        for record in make_records(method, _values(generator, 10, 5), condition={"corruption": corruption})
    ]


def _at(severity: int) -> Any:
    return comparison(
        minuend=selection("ent", severity=severity), subtrahend=selection("bn_adapt", severity=severity)
    )


def _four(generator: np.random.Generator, effects: list[float]) -> list[Record]:
    return [
        record
        for severity, effect in enumerate(effects, start=1)
        for record in _pairs(generator, effect, 5, condition={"severity": severity})
    ]
