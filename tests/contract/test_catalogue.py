"""The list of papers and the folders agree: whatever was begun is listed, under its id and track."""

from __future__ import annotations

import pytest

from common.pages.catalogue import read_catalogue
from common.pages.paper import find_papers, read_paper
from tests.contract.discovery import PAPERS, ROOT

LISTED = {paper.id: paper for paper in read_catalogue(ROOT)}


@pytest.mark.parametrize("paper", sorted({*PAPERS, *find_papers(ROOT)}))
def test_whatever_was_begun_is_listed(paper: str) -> None:
    assert paper in LISTED, f"papers/catalogue.tsv has no line for {paper}"
    assert LISTED[paper].track == read_paper(ROOT, paper).track


def test_no_title_is_listed_twice() -> None:
    titles = [paper.title.casefold() for paper in LISTED.values()]
    assert len(titles) == len(set(titles))
