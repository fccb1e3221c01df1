"""The searches that a panel shows find its runs in MLflow, by the tags that its view writes."""

from __future__ import annotations

import re

from common.pages.site.run_browser import run_filter, runs_filter
from common.records.collected import Line
from common.run_browser.record_runs import cells_of
from tests.pages.example import example_records, make_record

RECORDS = example_records()
TAGS = [
    run.tags
    for cell in cells_of(Line(path=f"{n}.json", record=r, curves=None) for n, r in enumerate(RECORDS))
    for run in cell.records
]


def found_by(search: str) -> list[dict[str, str]]:
    """The runs that have every tag of a search."""
    wanted = dict(re.findall(r"tags\.(\w+) = '([^']*)'", search))
    assert " AND ".join(f"tags.{name} = '{value}'" for name, value in wanted.items()) == search
    return [tags for tags in TAGS if wanted.items() <= tags.items()]


def test_one_record_is_found_by_its_identity() -> None:
    identity = RECORDS[3].identity()
    assert [tags["identity"] for tags in found_by(run_filter(identity))] == [identity]


def test_a_cell_of_one_condition_is_found_with_all_seeds() -> None:
    cell = [r for r in RECORDS if r.method == "ent" and r.condition["corruption"] == "fog"]
    assert sorted(tags["identity"] for tags in found_by(runs_filter(cell))) == sorted(
        r.identity() for r in cell
    )


def test_a_cell_of_several_conditions_is_found_by_its_method() -> None:
    cell = [record for record in RECORDS if record.method == "ent"]
    assert len(found_by(runs_filter(cell))) == len(cell) == 6
    assert "condition" not in runs_filter(cell)


def test_a_condition_with_an_apostrophe_stays_one_text() -> None:
    record = make_record(condition={"corruption": "Gauss's"})
    assert runs_filter([record]).endswith("""tags.condition = "corruption=Gauss's\"""")
