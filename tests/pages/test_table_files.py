"""The three files of a table, against files worked out by hand from the example's errors.

Three seeds a, a + 1, a + 2 have standard deviation 1, so the half width is t(2) / sqrt(3) = 4.3027 / 1.7321 =
2.4841; spaced by 2 it is 4.9683. Fog and noise are averaged per seed before the interval is taken.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from common.pages.layout import Layout
from common.pages.tables.latex_text import escape_latex
from common.pages.tables.writing import write_table
from tests.pages import example

MARKDOWN_ROWS = """\
|  | fog | noise | blur | avg |
| --- | ---: | ---: | ---: | ---: |
| *Quick scale, made here on 2 cores of Example 9000, 2025-11-22* |  |  |  |  |
| Source | 32.0 ± 5.0 | 50.0 | not run | 41.0 ± 2.5 |
| Source, published | 11.2 [a] | 53.0 [a] |  | 26.5 [a] |
| BN adapt | **21.0** ± 2.5 | 41.0 ± 2.5 | not run | 31.0 ± 2.5 |
| ENT | **21.0** ± 0.1 | **39.0** ± 2.5 | not run | **30.0** ± 1.3 |
| ENT, published | 8.3 [a] | 18.5 ± 0.2 [a] |  | 13.3 ± 0.1 [a] |
| *Full scale, recorded on Example GPU, 2025-11-22* |  |  |  |  |
| Source | 32.0 ± 5.0 | 50.0 | not run | 41.0 ± 2.5 |
| Source, published | 11.2 | 53.0 |  | 26.5 |
| ENT | **21.0** ± 0.1 | **39.0** ± 2.5 | not run | **30.0** ± 1.3 |
| ENT, published | 8.3 | 18.5 ± 0.2 |  | 13.3 ± 0.1 |
"""
NOTE = (
    "[a] not comparable: scale (full published, quick here), "
    r"network (wrn\_28\_10 published, resnet\_14 here)."
)
LATEX_ROWS = r"""
 & fog & noise & blur & avg \\
\midrule
\multicolumn{5}{l}{\textit{Quick scale, made here on 2 cores of Example 9000, 2025-11-22}} \\
Source & 32.0{\scriptsize\,$\pm$\,5.0} & 50.0 & \textit{not run} & 41.0{\scriptsize\,$\pm$\,2.5} \\
\quad published & 11.2\textsuperscript{a} & 53.0\textsuperscript{a} &  & 26.5\textsuperscript{a} \\
"""


@pytest.fixture
def files(layout: Layout) -> dict[str, str]:
    return {path.suffix: path.read_text() for path in write_table(layout, "corruptions")}


def test_markdown_shows_each_row_beside_the_published_one(files: dict[str, str]) -> None:
    assert MARKDOWN_ROWS in files[".md"]
    assert NOTE in files[".md"]


def test_markdown_escapes_markup_in_words(files: dict[str, str]) -> None:
    assert "100\\_% honest \\<b\\>." in files[".md"]


def test_latex_shows_the_same_numbers(files: dict[str, str]) -> None:
    assert LATEX_ROWS in files[".tex"]
    assert r"\textbf{21.0}{\scriptsize\,$\pm$\,0.1} & \textbf{39.0}" in files[".tex"]


def test_latex_escapes_every_special_character() -> None:
    assert escape_latex(r"a_b 5% $x & #1 {y} ~ ^ \z") == (
        r"a\_b 5\% \$x \& \#1 \{y\} \textasciitilde{} \textasciicircum{} \textbackslash{}z"
    )


def test_latex_braces_and_environments_balance(files: dict[str, str]) -> None:
    text = files[".tex"].replace(r"\{", "").replace(r"\}", "")
    assert text.count("{") == text.count("}")
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert "\n & " in text
    assert r"100\_\% honest \textless{}b\textgreater{}." in text


def test_csv_keeps_unrounded_numbers(files: dict[str, str]) -> None:
    rows = {(r["section"], r["row"], r["column"]): r for r in csv.DictReader(files[".csv"].splitlines())}
    cell = rows["here", "bn_adapt", "noise"]
    assert float(cell["mean"]) == 41.0
    # Student's t with two degrees of freedom has a closed form: (2p - 1) · sqrt(2 / (4p(1 - p)))
    quantile = (2 * 0.975 - 1) * (2 / (4 * 0.975 * 0.025)) ** 0.5
    assert float(cell["high"]) - 41.0 == pytest.approx(quantile / 3**0.5, rel=1e-12)
    assert (cell["n"], cell["best"], cell["published"]) == ("3", "no", "")
    assert rows["here", "ent", "noise"]["published_source"] == "Table 19, row ENT, column gauss"
    assert rows["here", "ent", "blur"]["absent"] == "not run"
    assert rows["gpu_full", "ent", "fog"]["differing_facts"] == ""


def test_same_records_give_the_same_bytes(layout: Layout, files: dict[str, str]) -> None:
    assert {path.suffix: path.read_text() for path in write_table(layout, "corruptions")} == files


def test_no_temporary_file_stays(layout: Layout, files: dict[str, str]) -> None:
    names = {path.name for path in (layout.results / "tables").iterdir()}
    assert names == {"corruptions.md", "corruptions.tex", "corruptions.csv"}


def test_a_failed_write_leaves_the_old_file(layout: Layout, files: dict[str, str]) -> None:
    path = layout.table("corruptions", "md")
    example.write_definitions(layout.root, published={"tables": []})
    with pytest.raises(Exception, match=r"published\.yaml lacks"):
        write_table(layout, "corruptions")
    assert path.read_text() == files[".md"]


def test_without_recorded_runs_there_is_one_section(root: Path, layout: Layout) -> None:
    (root / "papers" / example.PAPER / "recorded" / "gpu.jsonl").unlink()
    text = next(path for path in write_table(layout, "corruptions") if path.suffix == ".md").read_text()
    assert "recorded on" not in text
    assert "made here" not in text
