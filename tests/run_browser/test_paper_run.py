"""The run of a paper: verdicts as metrics and tags, tables and figures as files."""

from pathlib import Path

from common.claims.schema import Estimate, Verdict
from common.pages.layout import Layout
from common.run_browser.contents import Cell
from common.run_browser.paper_run import Outcome, paper_cell, read_outcome
from common.run_browser.record_runs import cells_of
from tests.run_browser.examples import LINES, line

TAGS = {"track": "test_time_adaptation", "paper": "toy", "origin": "here", "scale": "quick"}


def verdict(claim: str, word: str, estimate: float | None = None) -> Verdict:
    """A verdict on a claim, with an interval of one to each side where there is an estimate."""
    interval = None
    if estimate is not None:
        interval = Estimate(mean=estimate, low=estimate - 1, high=estimate + 1, confidence=0.95, n=3)
    return Verdict.model_validate(
        {"claim": claim, "kind": "effect", "statement": f"{claim} | is so.", "where": "Table 1", "unit": "%"}
        | {"scale": "quick", "word": word, "sentence": "It is.", "estimate": interval}
    )


def cell(outcome: Outcome, lines: list[object] | None = None) -> Cell:
    return paper_cell("A Toy Paper (2020)", TAGS, LINES, cells_of(LINES), outcome)


def test_verdicts_are_counted_and_named() -> None:
    verdicts = (verdict("first", "holds", -2.0), verdict("second", "not run"), verdict("third", "holds"))
    run = cell(Outcome(verdicts)).run
    points = {point.name: point.value for point in run.points}
    assert points == {
        "verdicts/holds": 2,
        "verdicts/not_run": 1,
        "claims/first": -2.0,
        "claims/first.low": -3.0,
        "claims/first.high": -1.0,
        "cost/seconds": 6 * 2.5,
        "cost/processor_seconds": 6 * 2.0,
    }
    assert run.tags["verdict.first"] == "holds"
    assert run.tags["verdict.second"] == "not run"
    assert run.name == "toy · quick"


def test_the_description_has_the_title_and_a_row_per_claim() -> None:
    note = cell(Outcome((verdict("first", "fails"),))).run.tags["mlflow.note.content"]
    assert note.startswith("**A Toy Paper (2020)**\n\n6 runs in 2 cells, made on 2 cores of P, the last one")
    assert "| fails | first \\| is so. |" in note


def test_it_is_another_when_a_cell_or_a_file_is(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "quick", "toy")
    layout.table("main", "md").parent.mkdir(parents=True)
    layout.table("main", "md").write_text("| a |")
    digest = cell(read_outcome(layout)).digest()
    assert cell(read_outcome(layout)).digest() == digest
    layout.table("main", "md").write_text("| b |")
    assert cell(read_outcome(layout)).digest() != digest
    other = [line("fog", 0, 99.0), *LINES[1:]]
    changed = paper_cell("A Toy Paper (2020)", TAGS, LINES, cells_of(other), Outcome())
    assert changed.digest() != cell(Outcome()).digest()


def test_tables_figures_verdicts_and_report_are_its_files(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "quick", "toy")
    wanted = ["figures/bars.pdf", "figures/bars.png", "figures/bars.svg"]
    wanted += ["report.pdf", "tables/main.csv", "tables/main.md", "tables/main.tex"]
    for name in [*wanted, "figures/bars.json", "tables/.main.md.12.part", "records.jsonl"]:
        path = layout.results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    layout.verdicts.write_text('{"paper": "toy", "scale": "quick", "verdicts": []}')
    files = read_outcome(layout).files
    assert sorted(file.name for file in files) == sorted([*wanted, "verdicts.json"])
    assert all(file.path.is_file() for file in files)


def test_what_was_not_made_is_left_out(tmp_path: Path) -> None:
    assert read_outcome(Layout(tmp_path, "quick", "toy")) == Outcome()
