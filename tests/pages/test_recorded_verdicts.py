"""Committed full-scale records are judged by themselves, and shown beside what was run here."""

from __future__ import annotations

import re

from common.pages.layout import Layout
from common.pages.report.content import gather_report
from common.pages.site.claims import read_judged_claims
from common.pages.site.paper_page import write_paper
from common.pages.site.recorded_verdicts import with_recorded
from tests.pages import example

ORIGIN = [
    "recorded on Example GPU",
    "2025-11-22",
    "commit 0123456789ab",
    f"data set cifar10 {example.DATA_HASH[:12]}",
]


def test_a_value_claim_is_judged_by_full_scale_records(layout: Layout) -> None:
    shown = {item.claim.id: item for item in with_recorded(layout, read_judged_claims(layout))}
    value = shown[example.CLAIM_VALUE["id"]]
    assert value.verdict.word == "not comparable"
    [recorded] = value.recorded
    # 21, 39 and 30 in the mean, against 13.3 published: beyond the margin of 0.5 by far.
    assert (recorded.verdict.word, recorded.verdict.scale) == ("differs", "full")
    assert recorded.verdict.estimate is not None
    assert set(ORIGIN) <= set(recorded.origin)


def test_an_effect_claim_is_judged_too(layout: Layout) -> None:
    shown = with_recorded(layout, read_judged_claims(layout))
    words = {item.claim.id: [each.verdict.word for each in item.recorded] for item in shown}
    assert words[example.CLAIM_EFFECT["id"]] == ["holds"]


def test_what_was_not_recorded_is_not_shown(layout: Layout) -> None:
    (layout.definitions / "recorded/gpu.jsonl").unlink()
    assert all(item.recorded == () for item in with_recorded(layout, read_judged_claims(layout)))


def test_the_page_shows_machine_day_commit_and_data(layout: Layout) -> None:
    write_paper(layout)
    text = " ".join(re.sub(r"<[^>]+>", " ", (layout.site / "index.html").read_text()).split())
    assert "at full scale, made elsewhere:" in text
    assert all(part in text for part in ORIGIN)


def test_the_report_shows_them_too(layout: Layout) -> None:
    printed = [each for claim in gather_report(layout).claims for each in claim.recorded]
    assert {each.badge.word for each in printed} >= {"differs", "holds"}
    assert all(set(ORIGIN) <= set(each.origin) for each in printed)
