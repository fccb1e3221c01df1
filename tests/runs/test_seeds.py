"""How many seeds each step has, and that what is planned can be run by itself."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.runs.config import PaperConfig
from common.runs.plan import find_job, jobs
from common.runs.seeds import seed_counts, seed_limits
from common.strict import BadInputError

CHAIN: dict[str, dict[str, Any]] = {
    "original": {},
    "forget_sets": {"needs": ["original"]},
    "retrain": {"needs": ["forget_sets"]},
    "tuning": {"needs": ["original"], "seeds": 2},
    "unlearning": {"needs": ["retrain"], "gathers": {"tuning": 2}},
    "theory": {"seeds": 1},
}


def config(steps: dict[str, dict[str, Any]], seeds: int = 3) -> PaperConfig:
    """A paper of such steps, each with an artefact."""
    whole = {
        name: {"entry": "e.f", "methods": {"only": {}}, "artefact": "a.txt", **step}
        for name, step in steps.items()
    }
    scales = {"quick": {"seeds": seeds, "steps": whole}}
    return PaperConfig.model_validate({"paper": "toy_paper", "track": "toy_track", "scales": scales})


def counts(steps: dict[str, dict[str, Any]], seeds: int | None = None) -> list[int]:
    """The number of seeds of each step, in their order."""
    return list(seed_counts(config(steps).scale("quick"), seeds).values())


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [(None, [3, 3, 3, 2, 3, 1]), (1, [2, 1, 1, 2, 1, 1]), (2, [2, 2, 2, 2, 2, 1]), (5, [5, 5, 5, 2, 5, 1])],
)
def test_a_chain_makes_what_its_later_steps_read(seeds: int | None, expected: list[int]) -> None:
    """With one seed asked for, two are tuned, since two are gathered; each needs a network."""
    assert counts(CHAIN, seeds) == expected


def test_a_number_of_its_own_is_lowered_unless_a_later_step_needs_more() -> None:
    tuning = {"original": {}, "tuning": {"needs": ["original"], "seeds": 2}}
    assert counts(tuning, 1) == [1, 1]
    assert counts({**tuning, "all": {"gathers": {"tuning": 4}, "seeds": 1}}, 1) == [4, 4, 1]


def test_what_a_later_step_needs_raises_a_smaller_number_of_its_own() -> None:
    assert counts({"first": {"seeds": 1}, "second": {"needs": ["first"]}}) == [3, 3]
    assert counts({"first": {"seeds": 1}, "second": {"needs": ["first"], "seeds": 2}}, 9) == [2, 2]


def test_limits_hold_for_any_override() -> None:
    limits = seed_limits(config({**CHAIN, "drawing": {"gathers": {"theory": 4}, "seeds": 1}}).scale("quick"))
    assert limits == {
        **dict.fromkeys(("original", "forget_sets", "retrain", "unlearning"), math.inf),
        "tuning": 2,
        "theory": 4,
        "drawing": 1,
    }


def test_a_seed_beyond_the_limit_is_refused() -> None:
    assert find_job(config(CHAIN), "quick", "tuning", "only", 1).seed == 1
    with pytest.raises(BadInputError, match="Step 'tuning' of toy_paper has no seed 2; seeds count from 0"):
        find_job(config(CHAIN), "quick", "tuning", "only", 2)


@st.composite
def chains(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Up to five steps, each reading any of the earlier ones in either way."""
    steps: dict[str, dict[str, Any]] = {}
    for name in "abcde"[: draw(st.integers(1, 5))]:
        ways = {earlier: draw(st.integers(-1, 3)) for earlier in steps}  # -1: unread, 0: needed
        steps[name] = {
            "needs": [earlier for earlier, way in ways.items() if way == 0],
            "gathers": {earlier: way for earlier, way in ways.items() if way > 0},
            "seeds": draw(st.none() | st.integers(1, 4)),
        }
    return steps


@given(chains(), st.none() | st.integers(1, 5))
def test_every_planned_job_can_run_by_itself_on_what_is_planned(
    steps: dict[str, dict[str, Any]], seeds: int | None
) -> None:
    paper = config(steps)
    planned = {(spec.step, spec.seed) for spec in jobs(paper, "quick", seeds)}
    for step, seed in planned:
        find_job(paper, "quick", step, "only", seed)
        assert {(need, seed) for need in steps[step]["needs"]} <= planned
        for gathered, number in steps[step]["gathers"].items():
            assert {(gathered, other) for other in range(number)} <= planned


@given(chains())
def test_a_larger_override_never_means_fewer_seeds(steps: dict[str, dict[str, Any]]) -> None:
    for fewer, more in pairwise(counts(steps, seeds) for seeds in range(1, 6)):
        assert all(few <= many for few, many in zip(fewer, more, strict=True))
