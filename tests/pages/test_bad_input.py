"""Mistakes in a paper's files: each becomes a sentence with what was meant."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.pages.figures.module import load_figure
from common.pages.layout import Layout
from common.pages.paper import read_paper
from common.pages.site.paper_page import write_paper
from common.pages.tables.writing import write_table
from common.strict import BadInputError
from tests.pages import example

REPOSITORY = Path(__file__).parents[2]


def changed(definition: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    """A copy of `definition` with one place in it changed."""
    result = copy.deepcopy(definition)
    place: Any = result
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return result


@pytest.mark.parametrize(
    ("path", "to", "sentence"),
    [
        (("rows", 2, "method"), "entt", r"row 'ent'.*asks for method 'entt'.*Did you mean 'ent'\?"),
        (
            ("columns", 0, "where"),
            {"corruptoin": "fog"},
            r"selects by 'corruptoin'.*Did you mean 'corruption'\?",
        ),
        (("metric",), "error_percentage", r"no metric 'error_percentage'; it has error_percent"),
        (("desimals",), 1, r"unknown key 'tables\.0\.desimals'"),
        (("better",), "smaller", r"'tables\.0\.better' is 'smaller'"),
        (("published",), "table_9", r"beside 'table_9'.*Did you mean 'table_19'\?"),
        (("rows", 2, "published"), "entr", r"row 'ent' is linked to 'entr'.*Did you mean 'ent'\?"),
        (("columns", 0, "published"), "frog", r"column 'fog' is linked to 'frog'.*Did you mean 'fog'\?"),
        (("columns", 0, "id"), "noise", r"column 'noise' is defined twice"),
        (("rows", 0, "method"), None, r"neither row 'source' nor column 'fog' names a method"),
        (("id",), "index", r"can't be called 'index'"),
    ],
)
def test_mistake_in_tables(
    root: Path, layout: Layout, path: tuple[str | int, ...], to: Any, sentence: str
) -> None:
    example.write_definitions(root, tables={"tables": [changed(example.TABLES, *path, to=to)]})
    with pytest.raises(BadInputError, match=sentence):
        write_paper(layout)


def test_row_of_wrong_length_in_published(root: Path, layout: Layout) -> None:
    published = changed(example.PUBLISHED, "rows", 0, "values", to=[1.0])
    example.write_definitions(root, published={"tables": [published]})
    with pytest.raises(BadInputError, match=r"row 'source' has 1 numbers for 3 columns"):
        write_table(layout, "corruptions")


def test_unknown_table(layout: Layout) -> None:
    with pytest.raises(BadInputError, match=r"no table 'corruption'\. Did you mean 'corruptions'\?"):
        write_table(layout, "corruption")


def test_unknown_figure(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"no figure 'bar'\. Did you mean 'bars'\?"):
        load_figure(root, example.PAPER, "bar")


def test_figure_without_caption(root: Path) -> None:
    path = root / "papers" / example.PAPER / "figures" / "bare.py"
    path.write_text('TITLE = "A title"\n')
    with pytest.raises(BadInputError, match=r"figures/bare\.py defines no CAPTION"):
        load_figure(root, example.PAPER, "bare")


def test_unknown_paper(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"no paper 'exmaple'.*Did you mean 'example'\?"):
        read_paper(root, "exmaple")


def test_misnamed_paper(root: Path) -> None:
    example.write_definitions(root, paper={**example.CITATION, "id": "other"})
    with pytest.raises(BadInputError, match=r"has id 'other'; set it to 'example'"):
        read_paper(root, example.PAPER)


def test_misspelt_key_in_paper(root: Path) -> None:
    example.write_definitions(root, paper={**example.CITATION, "arxive": "1"})
    with pytest.raises(BadInputError, match=r"unknown key 'arxive'\. Did you mean 'arxiv'\?"):
        read_paper(root, example.PAPER)


def test_broken_verdicts(layout: Layout) -> None:
    layout.verdicts.write_text('{"paper": ')
    with pytest.raises(BadInputError, match=r"verdicts\.json is not valid JSON"):
        write_paper(layout)


def test_record_path_that_leaves_the_folder(root: Path, layout: Layout) -> None:
    text = layout.records.read_text().replace("/records/adaptation/", "/records/../../../../escaped/")
    layout.records.write_text(text)
    with pytest.raises(BadInputError, match="leaves the folder of records"):
        write_paper(layout)
    assert not list(root.rglob("escaped"))


def test_command_line_ends_with_a_sentence(root: Path) -> None:
    command = [sys.executable, "-m", "common.pages", "table", example.PAPER, "corruption"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: papers/example/tables.yaml has no table 'corruption'.")
    assert "Traceback" not in done.stderr
