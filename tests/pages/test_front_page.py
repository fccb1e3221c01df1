"""The front page: counts by track, everything that hasn't been run, and the cost with its total."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from common.pages.catalogue import read_catalogue
from common.pages.layout import Layout
from common.pages.site.entries import read_entries
from common.pages.site.front_page import write_front
from common.pages.site.paper_page import write_paper
from common.pages.site.progress import by_track, total_cost
from common.pages.site.rendering import energy, memory
from common.pages.site.states import list_papers
from common.pages.site.summary import read_summary, sum_of_all
from common.records.schema import Cost
from tests.pages import example


def text_of(page: Path) -> str:
    """The words of a page, without its style and script."""
    body = page.read_text().split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def write_with(layout: Layout, *costs: Cost, **facts: Any) -> str:
    """The front page after ENT ran on fog once for each of `costs`."""
    records = [example.make_record(seed=seed, cost=cost, **facts) for seed, cost in enumerate(costs)]
    example.write_records(layout.records, records)
    example.write_definitions(layout.root, tables={"tables": []})
    write_paper(layout)
    return text_of(write_front(layout.root, layout.scale))


def test_counts_link_to_the_catalogue(layout: Layout) -> None:
    write_paper(layout)
    page = write_front(layout.root, layout.scale)
    assert "1 of 7 in the catalogue" in text_of(page)
    assert "2 of 3 written down" in text_of(page)
    assert '<a href="catalogue.html">7 in the catalogue</a>' in page.read_text()


def test_every_track_is_counted_those_without_a_paper_too(layout: Layout) -> None:
    entries = read_entries(layout.root, layout.scale)
    tracks = by_track(list_papers(layout.root, read_catalogue(layout.root), entries), entries)
    counted = {row.track: (len(row.listings), row.waiting, len(row.entries), row.judged) for row in tracks}
    assert counted == {"few_shot": (2, 2, 0, 0), "test_time_adaptation": (2, 0, 2, 1)}
    assert tracks[1].counts == {
        **dict.fromkeys(tracks[0].counts, 0),
        "holds": 1,
        "not comparable": 1,
        "not run": 1,
    }


def test_what_is_not_run_is_said(layout: Layout) -> None:
    write_paper(layout)
    text = text_of(write_front(layout.root, layout.scale))
    for sentence in (
        "Papers waiting to be begun 2 papers",
        "Tracks without a paper few shot Papers",
        "Papers begun, without a verdict bare (no claim written down) Claims",
        "Claims example: never judged Table",
        "Table cells 3 of 12",
    ):
        assert sentence in text


def test_a_direction_is_large_and_a_value_without_comparison_small(layout: Layout) -> None:
    [entry] = [entry for entry in read_entries(layout.root, "quick") if entry.verdicts]
    assert [verdict.claim for verdict in entry.tiles] == ["ent_beats_source"]
    assert [verdict.claim for verdict in entry.undecided_values] == ["ent_error", "never_judged"]


def test_a_value_that_differs_is_large(layout: Layout) -> None:
    text = layout.verdicts.read_text().replace('"word":"not comparable"', '"word":"differs"')
    layout.verdicts.write_text(text)
    [entry] = [entry for entry in read_entries(layout.root, "quick") if entry.verdicts]
    assert [verdict.word for verdict in entry.tiles] == ["holds", "differs"]


def test_cost_is_added_up(layout: Layout) -> None:
    costs = [
        Cost(seconds=10, processor_seconds=1500, threads=1, memory_mib=2048, energy_joules=1500),
        Cost(seconds=20, processor_seconds=500, threads=1, memory_mib=512, energy_joules=500),
    ]
    text = write_with(layout, *costs)
    assert "example 2 2,000 30 s 2.0 GiB 2.0 kJ 0 of 0 2025-11-22 11:50" in text
    assert "all papers 2 2,000 30 s 2.0 GiB 2.0 kJ 0 of 0 2025-11-22 11:50" in text


def test_one_run_without_a_meter_leaves_the_energy_unknown(layout: Layout) -> None:
    costs = [
        Cost(seconds=10, processor_seconds=20, threads=1, energy_joules=1500),
        Cost(seconds=20, processor_seconds=40, threads=1),
    ]
    assert "example 2 60 30 s not measured not measured" in write_with(layout, *costs)


def test_uncommitted_changes_are_said_in_words(layout: Layout) -> None:
    cost = Cost(seconds=1, processor_seconds=1, threads=1)
    assert "0123456789ab with uncommitted changes" in write_with(
        layout, cost, commit="0123456789abcdef-dirty"
    )
    assert "uncommitted" not in write_with(layout, cost)


def test_nothing_run_costs_nothing(layout: Layout) -> None:
    total = total_cost(read_entries(layout.root, layout.scale))
    assert (total.runs, total.seconds, total.energy_joules, total.finished) == (0, 0, None, None)
    assert "all papers 0 0 0.0 s not measured not measured 0 of 0" in text_of(
        write_front(layout.root, "quick")
    )


def test_an_earlier_summary_is_still_read(layout: Layout) -> None:
    """One of a paper that isn't run again, from before memory and energy were measured."""
    write_paper(layout)
    lines = layout.summary.read_text().splitlines(keepends=True)
    layout.summary.write_text("".join(line for line in lines if not re.search("memory_mib|energy", line)))
    summary = read_summary(layout)
    assert summary is not None
    assert (summary.memory_mib, summary.energy_joules) == (None, None)


@pytest.mark.parametrize(("values", "total"), [([1.0, 2.0], 3.0), ([1.0, None], None), ([], None)])
def test_a_sum_is_whole_or_unknown(values: list[float | None], total: float | None) -> None:
    assert sum_of_all(values) == total


def test_energy_and_memory_in_words() -> None:
    assert [energy(joules) for joules in (None, 840, 1_234_000)] == ["not measured", "0.8 kJ", "1,234 kJ"]
    assert [memory(size) for size in (None, 512.4, 1536)] == ["not measured", "512 MiB", "1.5 GiB"]
