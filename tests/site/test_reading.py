"""A reader opens the site from disk and follows a number to its run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.records.schema import Record
from tests.pages import example
from tests.site.conftest import show

PAGES = [
    "index.html",
    "catalogue.html",
    "example/index.html",
    "example/corruptions.html",
    "bare/index.html",
    "wide/index.html",
]


def find(browser: Any, selector: str) -> Any:
    return browser.find_element("css selector", selector)


@pytest.mark.parametrize("page", PAGES)
def test_opens_from_disk_without_errors_or_requests(browser: Any, site: Path, page: str) -> None:
    browser.get((site / page).as_uri())
    assert find(browser, "h1").text
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requested = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert (site / page).as_uri() in requested
    assert {url.split(":")[0] for url in requested} <= {"file", "data"}


def test_front_matrix_shows_every_paper_and_claim(browser: Any, site: Path) -> None:
    browser.get((site / "index.html").as_uri())
    rows = browser.find_elements("css selector", ".matrix-row")
    assert ["A paper not run" in row.text for row in rows] == [True, False]
    words = [tile.text for tile in browser.find_elements("css selector", ".tile-word, .values dt")]
    assert [word.splitlines()[0][1:].strip() for word in words] == [
        "holds",
        "not comparable 1 published value",
        "not run 1 published value",
    ]


def test_from_the_front_to_a_claim(browser: Any, site: Path) -> None:
    browser.get((site / "index.html").as_uri())
    find(browser, ".tile").click()
    assert browser.current_url.endswith("example/index.html#claim-ent_beats_source")
    assert "ENT is 11.5 points below Source" in find(browser, ":target").text


def test_from_a_cell_to_its_record(browser: Any, site: Path) -> None:
    browser.get((site / "example" / "index.html").as_uri())
    find(browser, 'a[href="corruptions.html#ent--noise"]').click()
    shown = [part for part in browser.find_elements("css selector", ".cell") if part.is_displayed()]
    assert [part.get_attribute("id") for part in shown] == ["ent--noise"]
    steps = [step.text for step in shown[0].find_elements("css selector", ".chain h3")]
    assert steps == ["Data", "Runs", "Cell", "Published", "Verdicts"]
    shown[0].find_element("css selector", ".runs a").click()
    assert browser.current_url.startswith("file://")
    assert browser.current_url.endswith("records/here/adaptation/ent/seed0/noise_5.json")
    record = Record.model_validate_json(find(browser, "pre").text)
    assert record.metrics == {"error_percent": 38.0}


def test_all_cells_can_be_shown_again(browser: Any, site: Path) -> None:
    browser.get((site / "example" / "corruptions.html").as_uri() + "#ent--noise")
    find(browser, "#ent--noise .show-all").click()
    shown = [part for part in browser.find_elements("css selector", ".cell") if part.is_displayed()]
    assert len(shown) == len(browser.find_elements("css selector", ".cell")) > 12


def test_a_script_adds_a_button_to_each_command(browser: Any, site: Path) -> None:
    browser.get((site / "example" / "index.html").as_uri())
    names = [button.accessible_name for button in browser.find_elements("css selector", ".command button")]
    assert names == [
        "Copy: Make this table again",
        "Copy: Make this figure again",
        "Copy: Make the whole paper again",
    ]


def test_figure_is_drawn_with_its_data(browser: Any, site: Path) -> None:
    browser.get((site / "example" / "index.html").as_uri())
    picture = find(browser, "figure img")
    assert picture.get_attribute("alt") == "Error by method"
    assert browser.execute_script("return arguments[0].naturalWidth", picture) > 100
    find(browser, "#figures summary").click()
    assert "bn_adapt" in find(browser, "#figures table").text


@pytest.mark.parametrize("page", PAGES)
def test_everything_is_there_without_scripts(browser: Any, site: Path, page: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get((site / page).as_uri())
    assert find(browser, "h1").is_displayed()
    assert browser.find_elements("css selector", "button") == []
    if page == "example/index.html":
        assert "snakemake --cores 2 results/quick/example/tables/corruptions.md" in find(browser, "main").text
        assert find(browser, "table.results").is_displayed()


@pytest.mark.parametrize("width", [360, 768, 1600])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_wider_than_its_window(browser: Any, site: Path, page: str, width: int) -> None:
    show(browser, width)
    browser.get((site / page).as_uri())
    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth - {root}.clientWidth") == 0


def test_wide_tables_scroll_inside_with_their_first_column_fixed(browser: Any, site: Path) -> None:
    show(browser, 360)
    browser.get((site / "example" / "index.html").as_uri())
    moved = browser.execute_script(
        "const box = document.querySelector('.scroll'), first = box.querySelector('tbody th[scope=row]');"
        "const before = first.getBoundingClientRect().x; box.scrollLeft = 80;"
        "return [box.scrollLeft, first.getBoundingClientRect().x - before];"
    )
    assert moved == [80, 0]


def test_published_numbers_stand_under_the_regenerated(browser: Any, site: Path) -> None:
    browser.get((site / "example" / "index.html").as_uri())
    cell = find(browser, 'a[href="corruptions.html#ent--noise"]').find_element("xpath", "..")
    assert " ".join(cell.text.split()) == "39.0 ±2.5 best published 18.5 ± 0.2a"
    assert example.PUBLISHED["rows"][1]["values"][1] == 18.5
