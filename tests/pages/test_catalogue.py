"""The catalogue: mistakes in its list, states computed from the folders, and what its page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.pages.catalogue import CATALOGUE, read_catalogue, tracks_of
from common.pages.layout import Layout
from common.pages.site.catalogue_page import write_catalogue
from common.pages.site.entries import read_entries
from common.pages.site.paper_page import write_paper
from common.pages.site.states import Listing, State, count_states, list_papers
from common.strict import BadInputError
from tests.pages import example, listed


def listings(root: Path) -> list[Listing]:
    return list_papers(root, read_catalogue(root), read_entries(root, "quick"))


def states(root: Path) -> dict[str, State]:
    return {listing.paper.id: listing.state for listing in listings(root)}


def row(page: str, paper: str) -> str:
    """The row of one paper, without markup."""
    text = page.split(f'<tr role="row" id="paper-{paper}"')[1].split("</tr>")[0].split(">", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_list_is_read_as_it_stands(root: Path) -> None:
    papers = {paper.id: paper for paper in read_catalogue(root)}
    assert list(papers) == list(listed.PAPERS)
    assert papers["private_set"].title == 'A "private" data set'
    assert papers["zebra_stripes"].code == "https://example.org/zebra"
    assert (papers["bare"].code, papers["bare"].datasets) == (None, "")
    assert tracks_of(list(papers.values())) == ["few_shot", "test_time_adaptation"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            listed.line("more", feasible="cpu"),
            r"catalogue\.tsv, line 9: 'feasible' is 'cpu': Input should be 'cpu-small'",
        ),
        (listed.line("survey"), r"line 9: 'survey' is listed a second time; delete one"),
        (listed.line("more") + "\tmore", r"line 9 has 12 values for 11 columns; put one tab between"),
        (listed.line("more", code="github"), r"line 9: 'code' is 'github'"),
        (listed.line("3d_more"), r"line 9: 'id' is '3d_more'"),
        (listed.line("more", track="few-shot"), r"line 9: 'track' is 'few-shot'"),
        (listed.line("more", claim=""), r"line 9: 'claim' is ''"),
    ],
)
def test_mistake_in_a_line(root: Path, line: str, sentence: str) -> None:
    listed.write_list(root, line)
    with pytest.raises(BadInputError, match=sentence):
        read_catalogue(root)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (["titel", *listed.COLUMNS[2:]], r"unknown column 'titel'\. Did you mean 'title'\?"),
        (listed.COLUMNS[:-1], r"lacks the column 'code' on its first line"),
        ([*listed.COLUMNS, "code"], r"has the column 'code' twice"),
        ([], r"lacks the column 'id'|unknown column ''"),
    ],
)
def test_mistake_in_the_columns(root: Path, columns: list[str], sentence: str) -> None:
    listed.write_list(root, columns=columns)
    with pytest.raises(BadInputError, match=sentence):
        read_catalogue(root)


def test_a_missing_list_says_how_to_get_it_back(root: Path) -> None:
    (root / CATALOGUE).unlink()
    with pytest.raises(BadInputError, match=r"does not exist\. Type: git checkout papers/catalogue\.tsv"):
        read_catalogue(root)


def test_states_are_what_the_folders_say(root: Path) -> None:
    assert states(root) == {
        "example": "verdicts reached",
        "bare": "in progress",
        "zebra_stripes": "not started",
        "apple_cores": "not started",
        "large_model": "needs foundation weights",
        "private_set": "needs a special data set",
        "survey": "not a system",
    }
    assert list(count_states(listings(root)).values()) == [1, 1, 2, 1, 1, 1]


def test_without_its_verdicts_a_paper_is_in_progress(root: Path, layout: Layout) -> None:
    layout.verdicts.unlink()
    assert states(root)["example"] == "in progress"


def test_a_verdict_of_another_scale_does_not_count(root: Path) -> None:
    entries = read_entries(root, "full")
    found = {item.paper.id: item.state for item in list_papers(root, read_catalogue(root), entries)}
    assert found["example"] == "in progress"


def test_an_experiment_without_a_paper_is_in_progress_whatever_it_needs(root: Path) -> None:
    config = root / "experiments" / "few_shot" / "large_model" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("paper: large_model\n")
    assert states(root)["large_model"] == "in progress"


def test_a_folder_that_holds_no_paper_begins_nothing(root: Path) -> None:
    """Git leaves such folders behind when it goes to another branch."""
    (root / "experiments" / "few_shot" / "zebra_stripes" / "__pycache__").mkdir(parents=True)
    assert states(root)["zebra_stripes"] == "not started"


def test_the_page_has_a_row_for_each_paper(root: Path, layout: Layout) -> None:
    write_paper(layout)
    page = write_catalogue(root, "quick").read_text()
    assert re.findall(r'<tr role="row" id="paper-(\w+)"', page) == [item.paper.id for item in listings(root)]
    text = row(page, "example")
    assert text.startswith("An example paper &lt;with markup&gt; &amp; more The system of example")
    assert "● verdicts reached ✓ 1 holds ⊘ 1 not comparable ○ 1 not run test time adaptation" in text
    assert "The claim of large_model. About Trained on all zebras." in row(page, "large_model")
    assert row(page, "survey").endswith("□ not a system no track other nothing to run")


def test_a_title_leads_to_the_page_else_to_the_code(root: Path, layout: Layout) -> None:
    before = write_catalogue(root, "quick").read_text()
    assert 'scope="row"><a href="https://example.org/code">An example' in before
    write_paper(layout)
    after = write_catalogue(root, "quick").read_text()
    assert 'scope="row"><a href="example/index.html">An example' in after
    assert 'scope="row"><a href="https://example.org/zebra">A zebra' in after
    assert 'scope="row">Apple cores<' in after


def test_a_paper_that_is_not_listed_is_named(root: Path) -> None:
    lines = (root / CATALOGUE).read_text().splitlines(keepends=True)
    (root / CATALOGUE).write_text("".join(line for line in lines if not line.startswith("bare\t")))
    page = write_catalogue(root, "quick").read_text()
    assert "Begun, but not on the list:" in page
    assert '<span id="paper-bare">A paper not run</span>' in page
    assert f"The {len(listed.PAPERS) - 1} papers" in page
    assert example.PAPER in page
