"""Cells, best marks, comparability and what is shown where something is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.claims.schema import Published
from common.pages.layout import Layout
from common.pages.tables.cells import Cell
from common.pages.tables.numbers import explanation, fixed, shown_published
from common.pages.tables.regenerated import RegeneratedTable
from common.pages.tables.schema import read_tables
from common.pages.tables.writing import make_tables
from common.records.collected import read_collected
from common.records.schema import Record
from tests.pages import example

RECORDS = example.example_records()


def regenerate(root: Path, records: list[Record], **table: Any) -> RegeneratedTable:
    """The example's table with changes, made from `records`."""
    example.write_definitions(root, tables={"tables": [{**example.TABLES, **table}]})
    layout = Layout(root, "quick", example.PAPER)
    example.write_records(layout.records, records)
    return make_tables(layout, read_tables(root, example.PAPER), read_collected(layout.records))[0]


def cells(table: RegeneratedTable) -> dict[str, Cell]:
    return {cell.id: cell for section, cell in table.cells() if section.id == "here"}


def test_a_column_without_a_corruption_is_the_mean_over_all(tmp_path: Path) -> None:
    cell = cells(regenerate(tmp_path, RECORDS))["ent--mean"]
    assert cell.values == {0: (20.96 + 38) / 2, 1: 30.0, 2: (21.04 + 40) / 2}


def test_ties_at_the_shown_decimals_are_all_best(tmp_path: Path) -> None:
    found = cells(regenerate(tmp_path, RECORDS))
    assert [name for name, cell in found.items() if cell.best and name.endswith("fog")] == [
        "bn_adapt--fog",
        "ent--fog",
    ]


def test_more_decimals_part_a_tie(tmp_path: Path) -> None:
    records = [
        r if r.method != "ent" else r.model_copy(update={"metrics": {"error_percent": 20.96}})
        for r in RECORDS
    ]
    one = cells(regenerate(tmp_path, records))
    two = cells(regenerate(tmp_path, records, decimals=2))
    assert one["bn_adapt--fog"].best
    assert one["ent--fog"].best
    assert not two["bn_adapt--fog"].best
    assert two["ent--fog"].best


def test_where_higher_is_better_the_highest_is_best(tmp_path: Path) -> None:
    found = cells(regenerate(tmp_path, RECORDS, better="higher"))
    assert [name for name, cell in found.items() if cell.best and name.endswith("noise")] == ["source--noise"]


def test_a_column_may_turn_the_direction(tmp_path: Path) -> None:
    columns = [{**example.TABLES["columns"][0], "better": "higher"}, *example.TABLES["columns"][1:]]
    found = cells(regenerate(tmp_path, RECORDS, columns=columns))
    assert found["source--fog"].best
    assert found["ent--noise"].best


def test_a_lone_cell_is_not_best(tmp_path: Path) -> None:
    found = cells(regenerate(tmp_path, RECORDS, rows=example.TABLES["rows"][:1]))
    assert not any(cell.best for cell in found.values())


def test_a_missing_condition_is_shown_as_not_run(tmp_path: Path) -> None:
    assert cells(regenerate(tmp_path, RECORDS))["ent--blur"].absent == "not run"


def test_a_step_without_records_is_shown_as_not_run(tmp_path: Path) -> None:
    found = cells(regenerate(tmp_path, [example.make_record(step="source_network", method="training")]))
    assert {cell.absent for cell in found.values()} == {"not run"}


def test_the_words_under_a_table_that_was_not_run_say_so(tmp_path: Path) -> None:
    table = regenerate(tmp_path, RECORDS, step="nowhere")
    assert explanation(table).endswith("lower is better. No seed was run.")


def test_a_row_outside_its_scales_is_shown_as_not_run(tmp_path: Path) -> None:
    rows = [*example.TABLES["rows"], {"id": "rpl", "label": "RPL", "method": "rpl", "scales": ["full"]}]
    assert cells(regenerate(tmp_path, RECORDS, rows=rows))["rpl--fog"].absent == "not run"


def test_seeds_with_different_conditions_make_a_cell_incomplete(tmp_path: Path) -> None:
    lacking = [
        r for r in RECORDS if not (r.method == "ent" and r.seed == 2 and r.condition["corruption"] == "fog")
    ]
    found = cells(regenerate(tmp_path, lacking))
    assert found["ent--mean"].absent == "incomplete"
    assert "different conditions" in str(found["ent--mean"].problem)
    assert found["ent--fog"].values == {0: 20.96, 1: 21.0}


@pytest.mark.parametrize("seeds", [[0], [0, 1, 2]])
def test_no_interval_without_spread(tmp_path: Path, seeds: list[int]) -> None:
    found = cells(regenerate(tmp_path, [record for record in RECORDS if record.seed in seeds]))
    assert found["source--noise"].mean == 50.0
    assert found["source--noise"].half_width is None


def test_columns_win_over_rows_and_rows_over_the_table(tmp_path: Path) -> None:
    rows = [{**example.TABLES["rows"][2], "where": {"corruption": "noise"}}]
    found = cells(regenerate(tmp_path, RECORDS, rows=rows, where={"severity": 5, "corruption": "blur"}))
    assert found["ent--fog"].selection.where == {"severity": 5, "corruption": "fog"}
    assert found["ent--mean"].selection.where == {"severity": 5, "corruption": "noise"}


def test_a_reduced_scale_is_never_comparable(tmp_path: Path) -> None:
    same = {**example.PROTOCOL, "network": "wrn_28_10"}
    records = example.example_records(protocol=same)
    cell = cells(regenerate(tmp_path, records))["ent--noise"]
    assert cell.differing == {"scale": ("full", "quick")}


def test_full_scale_is_comparable_when_every_named_fact_agrees(layout: Layout) -> None:
    [table] = make_tables(layout, read_tables(layout.root, layout.paper), read_collected(layout.records))
    recorded = [cell for section, cell in table.cells() if section.id == "gpu_full" and cell.published]
    assert recorded
    assert all(cell.differing == {} and not table.mark(cell) for cell in recorded if cell.runs)


def test_full_scale_with_another_fact_is_not_comparable(root: Path, layout: Layout) -> None:
    records = example.example_records(scale="full")
    example.write_records(root / "papers" / example.PAPER / "recorded" / "gpu.jsonl", records)
    [table] = make_tables(layout, read_tables(root, layout.paper), read_collected(layout.records))
    cell = next(cell for section, cell in table.cells() if section.id == "gpu_full" and cell.published)
    assert cell.differing == {"network": ("wrn_28_10", "resnet_14")}


def test_notes_are_shared_and_lettered(layout: Layout) -> None:
    [table] = make_tables(layout, read_tables(layout.root, layout.paper), read_collected(layout.records))
    assert list(table.notes) == ["a"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.04, "0.0"), (-0.06, "-0.1"), (2.25, "2.2"), (99.95, "100.0"), (4203256.04, "4,203,256.0")],
)
def test_fixed_has_no_negative_zero_and_shows_thousands(value: float, text: str) -> None:
    assert fixed(value, 1) == text


def test_published_keeps_the_digits_of_the_paper(layout: Layout) -> None:
    [table] = make_tables(layout, read_tables(layout.root, layout.paper), read_collected(layout.records))
    cell = next(cell for _, cell in table.cells())
    for value, text in [(13.0, "13.0"), (13.25, "13.25"), (-0.5, "-0.5")]:
        published = Published(value=value, source="Table 1", protocol={"network": "x"})
        assert shown_published(table, _with_published(cell, published)) == text


def _with_published(cell: Cell, published: Published) -> Cell:
    from dataclasses import replace

    return replace(cell, published=published)
