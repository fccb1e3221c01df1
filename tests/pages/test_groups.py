"""Common headers of columns, headings of rows, and a published table that has fewer columns than ours."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from common.pages.site.paper_page import write_paper
from common.pages.tables.writing import write_table
from common.strict import BadInputError
from tests.pages import grouped
from tests.pages.test_site_pages import cell_section

MARKDOWN_HEAD = """\
|  | method | random forget set |  | worst-case forget set |  |
| --- | ---: | ---: | ---: | ---: | ---: |
|  |  | **UA** | **run-time, s** | **UA** | **run-time, s** |
| Retrain | 5.3 ± 0.2 | 5.3 ± 0.2 | 40 ± 0 | 0.0 ± 0.2 | 40 ± 0 |
| **relabelling-free** |  |  |  |  |  |
"""
LATEX_HEAD = r"""
\toprule
 &  & \multicolumn{2}{c}{random forget set} & \multicolumn{2}{c}{worst-case forget set} \\
\cmidrule(lr){3-4} \cmidrule(lr){5-6}
 & method & UA & run-time, s & UA & run-time, s \\
\midrule
Retrain & """
LATEX_GROUPS = r"""\midrule
\multicolumn{6}{l}{\textit{relabelling-free}} \\
Fine-tuning & """


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A table with an ungrouped first column and row, as files and as a page."""
    pairs = [(forget_set, metric) for forget_set in grouped.GROUPS for metric in ("ua", "run_time")]
    lone = {**grouped.column("random", "ua"), "id": "lone", "label": "method", "group": None}
    columns = [lone, *(grouped.column(*pair) for pair in pairs)]
    rows = [{**grouped.ROWS[0], "group": None}, *grouped.ROWS[2:]]
    layout = grouped.write_grouped(tmp_path, rows=rows, columns=columns, unmarked=[], published=None)
    paths = [*write_table(layout, "methods"), write_paper(layout)[0]]
    return {path.suffix: path.read_text() for path in paths}


def test_markdown_names_a_group_over_its_first_column(files: dict[str, str]) -> None:
    assert MARKDOWN_HEAD in files[".md"]


def test_markdown_lines_have_equally_many_fields(files: dict[str, str]) -> None:
    lines = [line for line in files[".md"].splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {7}


def test_latex_spans_columns_with_a_rule_below(files: dict[str, str]) -> None:
    assert LATEX_HEAD in files[".tex"]
    assert LATEX_GROUPS in files[".tex"]


def test_latex_draws_no_two_rules_in_a_row(tmp_path: Path) -> None:
    write_table(grouped.write_grouped(tmp_path), "methods")
    text = (tmp_path / "results/quick/example/tables/methods.tex").read_text()
    assert "\\midrule\n\\multicolumn{15}{l}{\\textit{controls}} \\\\\nRetrain & " in text
    assert text.count(r"\midrule") == 3
    assert "\\midrule\n\\midrule" not in text
    assert r"$\ell$$_1$-sparse" in text


def test_csv_has_a_column_for_each_kind_of_group(files: dict[str, str]) -> None:
    cells = {(cell["row"], cell["column"]): cell for cell in csv.DictReader(files[".csv"].splitlines())}
    assert cells["ft", "worst_ua"]["column_group"] == "worst-case forget set"
    assert cells["ft", "worst_ua"]["row_group"] == "relabelling-free"
    assert cells["retrain", "lone"]["row_group"] == cells["retrain", "lone"]["column_group"] == ""


def test_csv_of_a_table_without_groups_has_no_such_column(tmp_path: Path) -> None:
    rows = [{**row, "group": None} for row in grouped.ROWS]
    write_table(grouped.write_grouped(tmp_path, rows=rows), "methods")
    header = (tmp_path / "results/quick/example/tables/methods.csv").read_text().splitlines()[0].split(",")
    assert "column_group" in header
    assert "row_group" not in header


def test_page_spans_headers_over_columns_and_gives_each_row_group_a_body(files: dict[str, str]) -> None:
    table = files[".html"].split('<table class="results">')[1].split("</table>")[0]
    head = re.sub(r"</?span>", "", table.split("</thead>")[0])
    assert '<colgroup></colgroup><colgroup span="1"></colgroup><colgroup span="2">' in head
    assert '<th scope="col" rowspan="2">method</th><th scope="colgroup" colspan="2" class="starts">' in head
    assert len(re.findall('<th scope="col" rowspan="2">', head)) == 2
    bodies = table.split("<tbody>")[1:]
    assert [len(re.findall('<th scope="rowgroup" colspan="6">', body)) for body in bodies] == [0, 1, 1]
    assert [len(re.findall('<th scope="row">', body)) for body in bodies] == [1, 2, 1]


def test_page_says_what_a_mark_means(tmp_path: Path) -> None:
    layout = grouped.write_grouped(tmp_path)
    index, methods = (path.read_text() for path in write_paper(layout)[:2])
    assert "Bold: closest to Retrain in UA," in index
    assert '<span class="unseen"> closest to Retrain</span>' in index
    assert '<span class="unseen"> best</span>' in index
    cell = cell_section(methods, "ft--worst_ua")
    assert "by worst-case forget set: UA" in cell
    assert "n = 3; closest to Retrain in its column" in cell
    assert "n = 3; best in its column" in cell_section(methods, "ft--worst_run_time")


def test_published_numbers_stand_in_the_columns_that_are_linked(tmp_path: Path) -> None:
    layout = grouped.write_grouped(tmp_path)
    text = next(path for path in write_table(layout, "methods") if path.suffix == ".csv").read_text()
    cells = [cell for cell in csv.DictReader(text.splitlines()) if cell["published"]]
    assert [(cell["row"], cell["column"], cell["published"]) for cell in cells] == [
        ("ft", "random_average_gap", "2.0"),
        ("ft", "worst_average_gap", "1.37"),
        ("rl", "random_average_gap", "4.38"),
    ]
    assert cells[1]["published_source"] == "Table 1, row FT, column Avg. Gap, worst-case"


def test_a_row_below_a_group_that_has_none_is_a_sentence(tmp_path: Path) -> None:
    rows = [*grouped.ROWS[:2], {**grouped.ROWS[2], "group": None}, *grouped.ROWS[3:]]
    with pytest.raises(BadInputError, match=r"row 'ft' has no group but stands below 'controls'.*move it"):
        write_table(grouped.write_grouped(tmp_path, rows=rows), "methods")


def test_an_empty_group_is_a_sentence(tmp_path: Path) -> None:
    columns = [{**grouped.column("random", "ua"), "group": ""}]
    with pytest.raises(BadInputError, match=r"'tables\.0\.columns\.0\.group' is ''"):
        write_table(grouped.write_grouped(tmp_path, columns=columns, published=None), "methods")
