"""A page as a tree of elements, read by Python's own HTML parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"])


@dataclass
class Element:
    """One element with its attributes, and what it holds in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def children(self) -> list[Element]:
        return [item for item in self.inside if isinstance(item, Element)]

    def walk(self) -> Iterator[Element]:
        """All elements below this one, in reading order."""
        for child in self.children:
            yield child
            yield from child.walk()

    def all(self, tag: str, of_class: str = "") -> list[Element]:
        """The elements below with this tag and, if it is named, this class."""
        return [
            each for each in self.walk() if each.tag == tag and (not of_class or of_class in each.classes)
        ]

    def one(self, tag: str, of_class: str = "") -> Element:
        """The only such element; raises ValueError where there are none or several."""
        [found] = self.all(tag, of_class)
        return found

    def text(self, without: tuple[str, ...] = ()) -> str:
        """The words inside, spaces made single; elements of the tags or classes in `without` left out."""
        parts = []
        for item in self.inside:
            if isinstance(item, str):
                parts.append(item)
            elif item.tag not in without and not set(item.classes) & set(without):
                parts.append(item.text(without))
        return " ".join("".join(parts).split())


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1].tag != tag:
            raise ValueError(f"</{tag}> ends a <{self._open[-1].tag}>")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def read_page(path: Path) -> Element:
    """The tree of an HTML file; raises ValueError where its tags don't nest."""
    builder = _Builder()
    builder.feed(path.read_text())
    builder.close()
    return builder.root


def by_id(page: Element) -> dict[str, Element]:
    """Id -> element; raises ValueError for an id that is given twice."""
    found: dict[str, Element] = {}
    for element in page.walk():
        name = element.attributes.get("id")
        if name is not None:
            if name in found:
                raise ValueError(f"two elements have the id {name}")
            found[name] = element
    return found
