"""Hostile words in a real browser: none runs, none becomes an element, each is read as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.pages.layout import Layout
from common.pages.paper import read_paper
from common.pages.site.catalogue_page import write_catalogue
from common.pages.site.front_page import write_front
from common.pages.site.paper_page import write_paper
from tests.pages import example, hostile

PAGES = ["index.html", "catalogue.html", "example/index.html", "example/corruptions.html"]
ATTACKS = ["html", "closing tags", "jinja", "unseen"]


@pytest.fixture(scope="module", params=ATTACKS)
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder site/quick of a paper that is an attack."""
    return build(tmp_path_factory.mktemp("attacked"), hostile.ATTACKS[request.param])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without an attack."""
    return build(tmp_path_factory.mktemp("plain"), hostile.PLAIN)


def build(root: Path, attack: str) -> Path:
    hostile.write_hostile(root, attack)
    write_paper(Layout(root, "quick", example.PAPER))
    write_catalogue(root, "quick")
    return write_front(root, "quick").parent


def count_elements(browser: Any, page: Path) -> int:
    browser.get(page.as_uri())
    return int(browser.execute_script("return document.querySelectorAll('*').length"))


@pytest.mark.parametrize("page", PAGES)
def test_nothing_runs_and_nothing_is_added(browser: Any, plain: Path, attacked: Path, page: str) -> None:
    expected = count_elements(browser, plain / page)
    browser.get_log("browser")
    assert count_elements(browser, attacked / page) == expected
    assert browser.execute_script("return window.hacked === undefined")
    assert browser.execute_script("return document.querySelectorAll('[onerror], [onload]').length") == 0
    assert browser.get_log("browser") == []


def test_the_title_reads_as_it_was_written(browser: Any, attacked: Path) -> None:
    browser.get((attacked / "example" / "index.html").as_uri())
    shown = browser.execute_script("return document.querySelector('h1').textContent")
    title = read_paper(attacked.parents[1], example.PAPER).title
    assert hostile.normalised(shown) == hostile.normalised(title)
