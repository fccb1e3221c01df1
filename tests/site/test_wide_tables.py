"""A table of fourteen grouped columns on a phone: it scrolls inside its own box and stays readable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.site.conftest import show

# `x` of an element's left side and `end` of its right side, from the left side of the box that scrolls.
PLACES = """
const box = document.querySelector('.scroll');
const x = e => e.getBoundingClientRect().x - box.getBoundingClientRect().x;
const end = e => x(e) + e.getBoundingClientRect().width;
const all = selector => [...box.querySelectorAll(selector)];
"""


@pytest.fixture
def phone(browser: Any, site: Path) -> Any:
    show(browser, 390)
    browser.get((site / "wide" / "index.html").as_uri())
    return browser


def after_scrolling(browser: Any, by: int, wanted: str) -> Any:
    """The value of a JavaScript expression after the table was scrolled sideways by `by` pixels."""
    return browser.execute_script(f"{PLACES} box.scrollLeft = {by}; return {wanted};")


def test_the_table_scrolls_and_the_page_does_not(phone: Any) -> None:
    hidden, wider = after_scrolling(
        phone, 0, "[box.scrollWidth - box.clientWidth, document.documentElement.scrollWidth - innerWidth]"
    )
    assert hidden > 300
    assert wider <= 0


def test_row_labels_stay_and_leave_room_for_two_columns(phone: Any) -> None:
    labels = "all('thead tr:first-child > :first-child, tbody th[scope=row]')"
    before = after_scrolling(phone, 0, f"{labels}.map(x)")
    assert after_scrolling(phone, 300, f"{labels}.map(x)") == before
    assert max(after_scrolling(phone, 300, f"{labels}.map(end)")) < 0.4 * 390
    assert len(before) == 6


def test_column_labels_stay_over_their_columns(phone: Any) -> None:
    sides = "[all('thead tr + tr th').map(end), all('tbody tr:nth-child(2) td').slice(0, 14).map(end)]"
    heads, cells = after_scrolling(phone, 300, sides)
    assert heads == pytest.approx(cells)
    assert len(heads) == 14


def test_words_of_groups_stay_in_sight(phone: Any) -> None:
    words = "all('.group th > span').map(e => [x(e), end(e)])"
    for left, right in after_scrolling(phone, 300, words):
        assert left >= 0
        assert right < 390
    labels = after_scrolling(phone, 200, "end(all('thead th:first-child')[0])")
    first = after_scrolling(phone, 200, "x(all('th[scope=colgroup] span')[0])")
    assert first >= labels


def test_headers_belong_to_their_columns(phone: Any) -> None:
    spans = "all('colgroup').map(e => e.span)"
    assert after_scrolling(phone, 0, spans) == [1, 7, 7]
    assert after_scrolling(phone, 0, "all('th[scope=colgroup]').map(e => e.colSpan)") == [7, 7]
    heading = phone.find_elements("css selector", "tbody th[scope=rowgroup]")[1]
    assert heading.text == "relabelling-free"
    assert heading.aria_role == "rowheader"
