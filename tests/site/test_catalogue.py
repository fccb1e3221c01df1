"""A reader searches, filters and sorts the catalogue, by mouse and by keyboard, and shares what was found."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from common.pages.catalogue import CATALOGUE, read_catalogue
from common.pages.site.catalogue_page import write_catalogue
from tests.site.conftest import show
from tests.site.test_reading import find

TAB, ENTER = "\ue004", "\ue007"
BY_TITLE = ["large_model", "bare", "private_set", "survey", "zebra_stripes", "example", "apple_cores"]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def page(browser: Any, site: Path) -> Any:
    browser.get((site / "catalogue.html").as_uri())
    return browser


def shown(page: Any) -> list[str]:
    """The ids of the papers in sight, from top to bottom."""
    rows = page.find_elements("css selector", ".catalogue tbody tr")
    return [row.get_attribute("id").removeprefix("paper-") for row in rows if row.is_displayed()]


def header(page: Any, title: str) -> Any:
    return find(page, f'th[data-sort="{title}"]')


def choose(page: Any, name: str, value: str) -> None:
    find(page, f'select[name="{name}"] option[value="{value}"]').click()


def test_every_word_must_match_and_the_count_is_announced(page: Any) -> None:
    status = find(page, '[role="status"]')
    assert (status.get_attribute("aria-live"), status.text) == ("polite", "7 of 7 papers")
    box = find(page, 'input[type="search"]')
    assert box.accessible_name == "Search"
    box.send_keys("ZEBRA")
    assert shown(page) == ["zebra_stripes", "large_model"]
    box.send_keys(" trained")
    assert (shown(page), status.text) == (["large_model"], "1 of 7 papers")
    box.send_keys(" nowhere")
    assert (shown(page), status.text) == ([], "0 of 7 papers")


def test_a_search_is_shared_by_its_address(page: Any, site: Path) -> None:
    find(page, 'input[type="search"]').send_keys("a few CPU")
    choose(page, "track", "few_shot")
    header(page, "title").find_element("css selector", "button").click()
    address = page.current_url
    assert address.endswith("catalogue.html#q=a+few+CPU&track=few_shot&sort=title&order=ascending")
    page.get("about:blank")
    page.get(address)
    assert shown(page) == ["zebra_stripes"]
    assert find(page, 'input[type="search"]').get_attribute("value") == "a few CPU"
    assert header(page, "title").get_attribute("aria-sort") == "ascending"
    find(page, 'button[type="reset"]').click()
    page.execute_async_script("setTimeout(arguments[0])")
    assert len(shown(page)) == 7
    assert page.current_url.endswith("#sort=title&order=ascending")


def test_state_and_track_are_filters(page: Any) -> None:
    choose(page, "state", "not started")
    assert shown(page) == ["zebra_stripes", "apple_cores"]
    choose(page, "track", "test_time_adaptation")
    assert shown(page) == []


def test_the_front_page_links_to_a_track(browser: Any, site: Path) -> None:
    browser.get((site / "index.html").as_uri())
    find(browser, 'a[href="catalogue.html#track=few_shot"]').click()
    assert shown(browser) == ["zebra_stripes", "apple_cores"]


def test_a_place_on_the_page_is_no_search(page: Any) -> None:
    find(page, 'input[type="search"]').send_keys("zebra")
    page.execute_script("location.hash = '#content'")
    assert len(shown(page)) == 2


def test_columns_sort_both_ways(page: Any) -> None:
    assert header(page, "state").get_attribute("aria-sort") == "ascending"
    before = shown(page)
    button = header(page, "title").find_element("css selector", "button")
    button.click()
    assert shown(page) == BY_TITLE
    assert header(page, "state").get_attribute("aria-sort") is None
    button.click()
    assert shown(page) == BY_TITLE[::-1]
    assert header(page, "title").get_attribute("aria-sort") == "descending"
    header(page, "state").find_element("css selector", "button").click()
    assert shown(page) == before


def test_sorting_and_searching_by_keyboard(page: Any) -> None:
    button = header(page, "needs").find_element("css selector", "button")
    page.execute_script("arguments[0].focus()", button)
    button.send_keys(ENTER)
    assert header(page, "needs").get_attribute("aria-sort") == "ascending"
    needs = [cell.text for cell in page.find_elements("css selector", 'td[data-label="Needs"]')]
    assert needs == sorted(needs, key=str.casefold)
    assert page.switch_to.active_element == button
    box = find(page, 'input[type="search"]')
    box.send_keys("zebra", ENTER)
    assert len(shown(page)) == 2
    box.send_keys(TAB)
    assert page.switch_to.active_element.get_attribute("name") == "state"


def test_without_scripts_all_rows_are_there_and_no_controls(browser: Any, site: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get((site / "catalogue.html").as_uri() + "#q=zebra")
    assert len(shown(browser)) == 7
    assert browser.find_elements("css selector", "form, input, select, button") == []
    assert header(browser, "title").text == "Paper"


@pytest.mark.parametrize("width", [360, 1600])
def test_claims_can_be_read_at_any_width(page: Any, width: int) -> None:
    show(page, width)
    claim = find(page, "#paper-survey td")
    assert claim.text.startswith("The claim of survey.")
    assert claim.rect["width"] > 250
    assert claim.rect["x"] + claim.rect["width"] <= width


@pytest.mark.parametrize("width", [360, 1600])
def test_rows_and_cells_are_told_as_such(page: Any, width: int) -> None:
    """The style sheet lays them out as grids; those that aren't in sight count as well."""
    show(page, width)
    roles = {"thead th": "columnheader", "tbody tr": "row", "tbody th": "rowheader", "tbody td": "cell"}
    assert find(page, ".catalogue").aria_role == "table"
    for selector, role in roles.items():
        assert {part.aria_role for part in page.find_elements("css selector", selector)} == {role}


def test_typing_in_the_whole_catalogue_does_not_lag(browser: Any, tmp_path: Path) -> None:
    """What a key sets off, layout included: milliseconds on an idle machine, more beside other tests."""
    (tmp_path / "papers").mkdir()
    shutil.copy(REPOSITORY / CATALOGUE, tmp_path / CATALOGUE)
    browser.get(write_catalogue(tmp_path, "quick").as_uri())
    assert len(shown(browser)) == len(read_catalogue(REPOSITORY))
    times = browser.execute_script(
        "const box = document.querySelector('input[type=search]'), times = [];"
        "for (const text of ['c', 'cl', 'cli', 'clip', 'clip ', 'clip z', '']) {"
        "  const start = performance.now();"
        "  box.value = text; box.dispatchEvent(new Event('input', {bubbles: true}));"
        "  document.body.getBoundingClientRect();"
        "  times.push(performance.now() - start);"
        "} return times;"
    )
    assert sorted(times)[len(times) // 2] < 100, times
