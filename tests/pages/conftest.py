"""Root folders that hold the example paper, in good words and in hostile ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.pages.layout import Layout
from tests.pages import example, hostile


@pytest.fixture
def root(tmp_path: Path) -> Path:
    example.write_example(tmp_path)
    return tmp_path


@pytest.fixture
def layout(root: Path) -> Layout:
    return Layout(root, "quick", example.PAPER)


@dataclass(frozen=True)
class Attacked:
    """A root folder whose paper is an attack, and its words by the place where they stand."""

    attack: str
    root: Path
    words: dict[str, str]

    @property
    def layout(self) -> Layout:
        """The paths of the paper."""
        return Layout(self.root, "quick", example.PAPER)

    def unshown(self, text: str, places: Iterable[str]) -> set[str]:
        """Those of the places whose words `text`, which is normalised, doesn't show."""
        return {place for place in places if hostile.normalised(self.words[place]) not in text}


@pytest.fixture(scope="session", params=hostile.ATTACKS)
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    root = tmp_path_factory.mktemp("attacked")
    return Attacked(request.param, root, hostile.write_hostile(root, hostile.ATTACKS[request.param]))


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """The same paper without an attack."""
    root = tmp_path_factory.mktemp("plain")
    return Attacked("none", root, hostile.write_hostile(root, hostile.PLAIN))
