"""The words of a cell's panel: commit, memory, machine, curves, and how its runs were made."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from common.pages.layout import Layout
from common.pages.site.paper_page import write_paper
from common.records.schema import Cost
from tests.pages import example
from tests.pages.test_site_pages import cell_section


def panel_page(root: Path, **changes: Any) -> str:
    """The page behind the example's table, made from records with `changes`."""
    layout = Layout(root, "quick", example.PAPER)
    example.write_records(layout.records, example.example_records(**changes))
    write_paper(layout)
    return (layout.site / "corruptions.html").read_text()


def making_section(page: str, anchor: str) -> str:
    """The part of a page that says how a group of cells was made, without markup."""
    section = page.split(f'<article class="making" id="made--{anchor}"')[1].split("</article>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def test_what_is_looked_for_first_stands_first(root: Path) -> None:
    text = cell_section(panel_page(root), "ent--noise")
    assert "Here, 3 seeds 39.0 ± 2.5 % Published 18.5 ± 0.2 % Claims ✓ holds ⊘ not comparable" in text


def test_a_commit_with_changes_says_so(root: Path) -> None:
    text = cell_section(panel_page(root, commit="0123456789abcdef-dirty"), "ent--fog")
    assert "0123456789ab with uncommitted changes" in text
    assert "uncommitted" not in cell_section(panel_page(root), "ent--fog")


def test_memory_is_shown_where_it_was_measured(root: Path) -> None:
    cost = Cost(seconds=12.0, processor_seconds=20.0, threads=2, memory_mib=1536.0)
    assert "12 s 1.5 GiB 2025-11-22" in cell_section(panel_page(root, cost=cost), "ent--fog")
    assert "Memory" not in cell_section(panel_page(root), "ent--fog")


def test_the_machine_stands_at_each_seed_where_they_differ(root: Path) -> None:
    layout = Layout(root, "quick", example.PAPER)
    other = example.make_record().machine.model_copy(update={"accelerator": "Example GPU"})
    records = [
        record.model_copy(update={"machine": other}) if record.seed == 1 else record
        for record in example.example_records()
    ]
    example.write_records(layout.records, records)
    write_paper(layout)
    page = (layout.site / "corruptions.html").read_text()
    assert "c0dec0dec0de Example GPU" in cell_section(page, "ent--fog")
    assert "8.0 GiB; Example GPU; Linux; Python 3.11.0; 2 threads." in making_section(page, "ent--fog")
    assert "Machine" not in cell_section(panel_page(root), "ent--fog")


def test_how_the_runs_were_made_is_said_once_for_cells_alike(root: Path) -> None:
    page = panel_page(root)
    made = re.findall(r'<article class="making" id="made--([^"]+)"', page)
    here = [f"{row}--{column}" for row in ("source", "bn_adapt", "ent") for column in ("fog", "mean")]
    recorded = [f"gpu_full--{row}--{column}" for row in ("source", "ent") for column in ("fog", "mean")]
    assert made == here + recorded
    text = making_section(page, "ent--fog")
    assert "Step adaptation, method ent, quick scale; the same for 2 cells (ENT, fog to noise)." in text
    assert "learning_rate 0.001" in text
    assert "3 facts that make numbers comparable, the same in all runs" in text


def test_runs_under_different_facts_say_so(root: Path) -> None:
    layout = Layout(root, "quick", example.PAPER)
    records = [
        record.model_copy(update={"protocol": {**record.protocol, "network": f"net_{record.seed}"}})
        for record in example.example_records()
    ]
    example.write_records(layout.records, records)
    write_paper(layout)
    text = making_section((layout.site / "corruptions.html").read_text(), "ent--fog")
    assert "The runs differ in network: net_0, net_1, net_2." in text
    assert "the same in all runs" not in text


def test_a_curve_is_drawn_with_words(root: Path) -> None:
    layout = Layout(root, "quick", example.PAPER)
    panel_page(root)
    lines = [json.loads(line) for line in layout.records.read_text().splitlines()]
    curves = {"training_loss": [2.0, float("nan"), 1.0]}
    layout.records.write_text("".join(json.dumps({**line, "curves": curves}) + "\n" for line in lines))
    write_paper(layout)
    page = (layout.site / "corruptions.html").read_text()
    assert "2 1 1 step 3 training loss" in cell_section(page, "ent--fog")  # the axes' ends, then the name
    label = "training loss: 3 lines, one per seed, over 3 steps, from 2 at the first to 1 at the last"
    assert f'role="img" aria-label="{label}' in page
    assert {"M0 0h0M300 80h0"} == set(re.findall(r'<path d="(M[^"]*)"', page))


def test_a_cell_names_its_search_in_mlflow(root: Path) -> None:
    text = cell_section(panel_page(root), "ent--fog")
    assert "make mlflow , open the experiment test_time_adaptation" in text
    assert "tags.condition = &#39;corruption=fog severity=5&#39;" in text
    identity = example.example_records()[12].identity()
    assert f"Search for seed 0 tags.identity = &#39;{identity}&#39;" in text


def test_nothing_run_nothing_made(root: Path) -> None:
    page = panel_page(root)
    assert "made--ent--blur" not in page
    assert "MLflow" not in cell_section(page, "ent--blur")
