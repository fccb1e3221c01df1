"""A reader opens the panel of a cell of a real paper: by eye, by keyboard, without scripts, under axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.pages.site.paper_page import write_paper
from tests.pages.made_up_records import link_definitions, write_made_up_results
from tests.site.conftest import show, violations

REPOSITORY = Path(__file__).parents[2]
CELL = "main.html#rpl--fog"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a real paper's pages, made from made-up records."""
    root = tmp_path_factory.mktemp("panels")
    link_definitions(root, REPOSITORY)
    layout = write_made_up_results(root, "self_learning", seeds=2)
    write_paper(layout)
    return layout.site.as_uri()


def seen(browser: Any, selector: str) -> list[Any]:
    return [each for each in browser.find_elements("css selector", selector) if each.is_displayed()]


def test_one_cell_is_shown_with_how_it_was_made(browser: Any, paper: str) -> None:
    browser.get(f"{paper}/{CELL}")
    assert [cell.get_attribute("id") for cell in seen(browser, ".cell")] == ["rpl--fog"]
    [making] = seen(browser, ".making")
    assert "q\n0.8\ntable 21" in making.text
    assert "batch_size\n128\nappendix B.1" in making.text
    assert "experiments/test_time_adaptation/self_learning/config.yaml" in making.text
    assert len(seen(browser, ".curve svg")) == 1


def test_all_of_it_works_without_scripts(browser: Any, paper: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(f"{paper}/{CELL}")
    assert [cell.get_attribute("id") for cell in seen(browser, ".cell")] == ["rpl--fog"]
    [making] = seen(browser, ".making")
    making.find_element("css selector", "summary").click()
    assert "made up\ntrue" in making.text


def test_details_open_by_keyboard(browser: Any, paper: str) -> None:
    browser.get(f"{paper}/{CELL}")
    [summary] = [each for each in seen(browser, ".cell summary") if "MLflow" in each.text]
    summary.send_keys("\ue007")  # the enter key
    searches = [each.text for each in seen(browser, ".cell:target .command code")]
    assert searches[0].startswith("tags.paper = 'self_learning' AND tags.scale = 'quick'")
    assert [search[:17] for search in searches[1:]] == ["tags.identity = '"] * 2


def test_from_all_cells_to_how_they_were_made(browser: Any, paper: str) -> None:
    browser.get(f"{paper}/main.html")
    link = browser.find_element("css selector", "#rpl--fog .to-making a")
    assert link.get_attribute("href").endswith("#made--rpl--gaussian_noise")
    assert len(seen(browser, ".making")) == len(browser.find_elements("css selector", "main .made-alike"))


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1600, "dark")])
@pytest.mark.parametrize("page", ["learning_rates.html#rpl--low", "two_points.html"])
def test_axe_finds_nothing(browser: Any, paper: str, axe: str, page: str, width: int, scheme: str) -> None:
    show(browser, width, scheme)
    browser.get(f"{paper}/{page}")
    assert violations(browser, axe) == []
    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth - {root}.clientWidth") == 0
