"""Figures: found by name, drawn the same each time, with their data beside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.pages.figures.drawing import read_figure_facts, write_figure
from common.pages.figures.module import find_figures
from common.pages.layout import Layout
from common.strict import BadInputError
from tests.pages import example


def test_figures_are_the_modules_of_the_folder(root: Path) -> None:
    (root / "papers" / example.PAPER / "figures" / "_shared.py").write_text("")
    assert find_figures(root, example.PAPER) == ["bars"]


def test_the_same_records_draw_the_same_bytes(layout: Layout) -> None:
    first = {path.suffix: path.read_bytes() for path in write_figure(layout, "bars")}
    second = {path.suffix: path.read_bytes() for path in write_figure(layout, "bars")}
    assert first == second
    assert set(first) == {".svg", ".pdf", ".png", ".json"}


def test_text_in_the_picture_stays_text_and_names_no_date(layout: Layout) -> None:
    write_figure(layout, "bars")
    picture = layout.figure("bars", "svg").read_text()
    assert ">bn_adapt</text>" in picture
    assert "dc:date" not in picture
    assert b"CreationDate" not in layout.figure("bars", "pdf").read_bytes()


def test_the_rows_drawn_lie_beside(layout: Layout) -> None:
    write_figure(layout, "bars")
    rows = json.loads(layout.figure("bars", "json").read_text())["rows"]
    assert rows[0] == {"method": "bn_adapt", "error": 31.0}
    facts = read_figure_facts(layout.figure("bars", "json"))
    assert facts is not None
    assert facts.reproduces == "Figure 1 of the paper"


def test_no_records_is_a_sentence(layout: Layout) -> None:
    layout.records.unlink()
    with pytest.raises(BadInputError, match=r"records\.jsonl does not exist"):
        write_figure(layout, "bars")
    assert not layout.figure("bars", "svg").exists()
