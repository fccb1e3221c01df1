"""Whatever stands in a paper's files and records, its pages show as text: no element, no attribute more."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from common.pages.site.catalogue_page import write_catalogue
from common.pages.site.front_page import write_front
from common.pages.site.paper_page import write_paper
from tests.pages import hostile
from tests.pages.conftest import Attacked

# What no page shows: a reason for the maintainers.
UNSHOWN = {"margin"}
HIDING = set("\u202e\u2066\u200b\ufeff\u00ad\0\a\x1b\u2028\u2029\x7f\x85")


class Page(HTMLParser):
    """The elements of a page with the names of their attributes, and all its words."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []
        self.feed(path.read_text())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element and the values of its attributes."""
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.words += [value or "" for _, value in attrs]

    def handle_comment(self, data: str) -> None:
        """Keep a comment, which no template has."""
        self.elements.append(("comment", ()))

    def handle_data(self, data: str) -> None:
        """Keep the words between two tags."""
        self.words.append(data)


def write_pages(paper: Attacked) -> dict[str, Page]:
    """The pages of a paper, the front page and the catalogue, by name."""
    paths = write_paper(paper.layout)
    paths += [write(paper.root, "quick") for write in (write_front, write_catalogue)]
    return {str(path.relative_to(paper.root)): Page(path) for path in paths if path.suffix == ".html"}


def test_pages_have_the_elements_of_plain_words(plain: Attacked, attacked: Attacked) -> None:
    """In whatever order: papers are sorted by their titles."""
    expected = {name: sorted(page.elements) for name, page in write_pages(plain).items()}
    assert {name: sorted(page.elements) for name, page in write_pages(attacked).items()} == expected


def test_pages_show_every_word(attacked: Attacked) -> None:
    pages = write_pages(attacked).values()
    shown = "\n".join(hostile.normalised(text) for page in pages for text in page.words)
    assert attacked.unshown(shown, attacked.words) == UNSHOWN


def test_no_page_holds_a_character_that_hides(attacked: Attacked) -> None:
    write_pages(attacked)
    for path in (attacked.root / "site").rglob("*.html"):
        assert not set(path.read_text()) & HIDING
