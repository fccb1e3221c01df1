"""How the page shows claims on multiples, allowed shortfalls, rankings, and controls."""

from __future__ import annotations

import re
from typing import Any

import pytest

from common.claims.schema import EffectClaim, Estimate, Part, Verdict
from common.pages.layout import Layout
from common.pages.site.claims import JudgedClaim, read_judged_claims, selections, verdicts_on_the_paper
from common.pages.site.front_page import write_front
from common.pages.site.interval_plot import IntervalPlot, plot_claim
from common.pages.site.paper_page import write_paper
from common.records.schema import Scale
from tests.pages import example

MINUEND, SUBTRAHEND = (example.CLAIM_EFFECT["every"][0][side] for side in ("minuend", "subtrahend"))
RANKING = {
    "step": "adaptation",
    "methods": ["source", "bn_adapt", "ent"],
    "metric": "error_percent",
    "first": {"corruption": "fog"},
    "second": {"corruption": "noise"},
}
PLAIN = {"minuend": MINUEND, "subtrahend": SUBTRAHEND, "expected": "negative"}
AGREEMENT = {"minuend": RANKING, "constant": 0.0, "expected": "negative"}


def _open_verdict(scale: Scale, word: str = "inconclusive") -> Verdict:
    facts = {"claim": "ent_beats_source", "kind": "effect", "statement": "", "where": "", "unit": ""}
    return Verdict.model_validate({**facts, "scale": scale, "word": word, "sentence": ""})


def _claim(*every: dict[str, Any], **changes: Any) -> EffectClaim:
    return EffectClaim.model_validate({**example.CLAIM_EFFECT, "every": list(every), **changes})


def _plot(claim: EffectClaim) -> IntervalPlot:
    """The picture of a claim whose every difference is -2, from -3 to -1."""
    estimate = Estimate(mean=-2.0, low=-3.0, high=-1.0, confidence=0.95, n=5)
    part = Part(label="one", word="holds", estimate=estimate, sentence="It is.")
    verdict = Verdict(
        claim=claim.id,
        kind="effect",
        statement="",
        where="",
        unit="",
        scale="quick",
        word="holds",
        sentence="",
        parts=[part] * len(claim.every),
    )
    plot = plot_claim(JudgedClaim(claim, verdict))
    assert plot is not None
    return plot


@pytest.mark.parametrize(
    ("scale", "label"), [("quick", "Why"), ("smoke", "Why, at quick scale"), ("full", "Why, at quick scale")]
)
def test_an_explanation_says_which_scale_it_speaks_of(scale: Scale, label: str) -> None:
    claim = _claim(PLAIN, explanation="Too few images.")
    assert JudgedClaim(claim, _open_verdict(scale)).why_label == label


def test_what_holds_needs_no_explanation() -> None:
    claim = _claim(PLAIN, explanation="Too few images.")
    assert JudgedClaim(claim, _open_verdict("quick")).why == "Too few images."
    assert JudgedClaim(claim, _open_verdict("quick", "holds")).why is None


@pytest.mark.parametrize(
    ("comparison", "measure"),
    [
        (PLAIN, ""),
        ({**PLAIN, "times": 0.2}, "difference from 20 % of the other"),
        ({**PLAIN, "times": 2}, "difference from 2 times the other"),
        ({**PLAIN, "of": "spread"}, "difference in spread"),
        ({**PLAIN, "of": "spread", "times": 0.5}, "difference in spread from 50 % of the other"),
        (AGREEMENT, "rank correlation"),
        ({**AGREEMENT, "constant": 0.5}, "rank correlation minus 0.5"),
    ],
)
def test_the_axis_names_what_it_shows(comparison: dict[str, Any], measure: str) -> None:
    plot = _plot(_claim(comparison, comparison, unit=""))
    assert plot.measure == measure
    assert [bar.label for bar in plot.bars] == ["one", "one"]


def test_labels_name_what_they_show_where_the_bars_differ() -> None:
    plot = _plot(_claim(PLAIN, {**PLAIN, "times": 2}))
    assert plot.measure == ""
    assert [bar.label for bar in plot.bars] == ["one", "one (difference from 2 times the other)"]


def test_an_allowed_shortfall_is_shaded_beyond_zero() -> None:
    [bar] = _plot(_claim({**PLAIN, "expected": "positive", "at_least": -2.5})).bars
    # axis from -3 to 0 with 8 % on each side, 3.48 in all
    assert bar.claimed_from == pytest.approx(100 * (3.24 - 2.5) / 3.48, abs=0.01)
    assert bar.claimed_to == 100.0
    assert bar.zero is not None
    assert bar.claimed_from < bar.zero


def test_a_ranking_uses_every_method_under_both_conditions() -> None:
    chosen = selections(_claim(AGREEMENT, PLAIN, unit=""))
    assert [(one.method, one.where) for one in chosen] == [
        ("source", {"corruption": "fog"}),
        ("source", {"corruption": "noise"}),
        ("bn_adapt", {"corruption": "fog"}),
        ("bn_adapt", {"corruption": "noise"}),
        ("ent", {"corruption": "fog"}),
        ("ent", {"corruption": "noise"}),
        ("ent", {}),
        ("source", {}),
    ]


def test_a_control_is_marked_as_none_of_the_papers_claims(layout: Layout) -> None:
    control = {**example.CLAIM_EFFECT, "id": "a_control", "origin": "control", "statement": "A control."}
    example.write_definitions(layout.root, claims={"claims": [example.CLAIM_EFFECT, control]})
    assert [item.verdict.origin for item in read_judged_claims(layout)] == ["paper", "control"]
    page = next(path for path in write_paper(layout) if path.name == "index.html").read_text()
    cards = re.findall(r'<article class="claim .*?</article>', page, flags=re.DOTALL)
    assert ["control, not claimed by the paper" in card for card in cards] == [False, True]


def test_the_measure_stands_beside_the_axis(layout: Layout) -> None:
    [comparison] = example.CLAIM_EFFECT["every"]
    claim = {**example.CLAIM_EFFECT, "every": [{**comparison, "times": 0.5}]}
    example.write_definitions(layout.root, claims={"claims": [claim]})
    page = next(path for path in write_paper(layout) if path.name == "index.html").read_text()
    assert "difference from 50 % of the other; shaded: where the claim is true" in page


def test_controls_are_left_out_where_verdicts_on_the_paper_are_counted(layout: Layout) -> None:
    control = {**example.CLAIM_EFFECT, "id": "a_control", "origin": "control", "statement": "A control."}
    example.write_definitions(layout.root, claims={"claims": [example.CLAIM_EFFECT, control]})
    assert [verdict.claim for verdict in verdicts_on_the_paper(layout)] == [example.CLAIM_EFFECT["id"]]
    write_front(layout.root, layout.scale)
    assert "A control." not in layout.front.read_text()
