"""The site by keyboard, by screen reader and under axe, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.site.conftest import show, violations
from tests.site.test_reading import PAGES, find


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1600, "dark")])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(browser: Any, site: Path, axe: str, page: str, width: int, scheme: str) -> None:
    show(browser, width, scheme)
    browser.get((site / page).as_uri())
    assert violations(browser, axe) == []


def test_the_first_tab_reaches_the_skip_link(browser: Any, site: Path) -> None:
    browser.get((site / "example" / "index.html").as_uri())
    find(browser, "body").send_keys("\ue004")  # the tab key
    link = browser.switch_to.active_element
    assert link.text == "Skip to the content"
    assert link.rect["y"] >= 0
    link.send_keys("\ue007")  # the enter key
    assert browser.switch_to.active_element.get_attribute("id") == "content"


def test_focus_can_be_seen(browser: Any, site: Path) -> None:
    browser.get((site / "index.html").as_uri())
    find(browser, "body").send_keys("\ue004\ue004")
    focused = browser.switch_to.active_element
    assert focused.value_of_css_property("outline-style") == "solid"
    assert focused.value_of_css_property("outline-width") == "3px"


@pytest.mark.parametrize("page", PAGES)
def test_landmarks_headings_and_tables_are_named(browser: Any, site: Path, page: str) -> None:
    browser.get((site / page).as_uri())
    for landmark in ("header.top", "nav", "main", "footer"):
        assert browser.find_elements("css selector", landmark), landmark
    assert len(browser.find_elements("css selector", "h1")) == 1
    for table in browser.find_elements("css selector", "table"):
        assert table.find_element("css selector", "caption").get_attribute("textContent")
        assert not table.find_elements("css selector", "th:not([scope])")


def test_verdicts_speak_without_colour(browser: Any, site: Path) -> None:
    browser.get((site / "example" / "index.html").as_uri())
    badges = [badge.text for badge in browser.find_elements("css selector", ".claim-head .badge")]
    assert [badge.splitlines()[-1].lstrip("✓⊘○ ") for badge in badges] == [
        "holds",
        "not comparable",
        "not run",
    ]
    assert len({badge[0] for badge in badges}) == 3
