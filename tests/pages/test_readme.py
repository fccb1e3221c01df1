"""The README's table of verdicts, and that what the README names is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from common.claims.schema import EffectWord, ValueWord
from common.pages.layout import Layout
from common.pages.paper import find_papers, read_paper
from common.pages.readme import BEGIN, END, verdict_table, write_readme
from common.strict import BadInputError
from tests.pages.example import PAPER, write_example

ROOT = Path(__file__).parents[2]
WORDS = rf"\d ({'|'.join((*get_args(EffectWord), *get_args(ValueWord)))})"


def test_the_table_counts_the_words_of_each_paper(tmp_path: Path) -> None:
    write_example(tmp_path)
    (tmp_path / "README.md").write_text(f"# Title\n\n{BEGIN}\nyesterday\n{END}\nrest\n")
    text = write_readme(tmp_path, "quick").read_text()
    assert "yesterday" not in text
    assert text.startswith("# Title\n")
    assert text.endswith("rest\n")
    assert f"](papers/{PAPER})" in text
    assert verdict_table(tmp_path, "quick") in text


def test_a_paper_without_verdicts_keeps_its_row(tmp_path: Path) -> None:
    write_example(tmp_path)
    made = verdict_table(tmp_path, "quick")
    Layout(tmp_path, "quick", PAPER).verdicts.unlink()
    assert verdict_table(tmp_path, "quick", made) == made
    assert verdict_table(tmp_path, "quick") != made
    # What was reached at one scale says nothing of another.
    assert made.splitlines()[-1] not in verdict_table(tmp_path, "full", made)


def test_a_readme_without_the_marks_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Title\n")
    with pytest.raises(BadInputError, match="lacks the lines"):
        write_readme(tmp_path, "quick")


def test_the_table_of_this_repository_has_every_paper() -> None:
    table = (ROOT / "README.md").read_text().split(BEGIN)[1].split(END)[0]
    rows = [line for line in table.splitlines() if "](papers/" in line]
    assert len(rows) == len(find_papers(ROOT))
    for paper in find_papers(ROOT):
        assert any(read_paper(ROOT, paper).title in row and re.search(WORDS, row) for row in rows)


def test_files_that_the_readme_links_to_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target
