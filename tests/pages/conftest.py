"""A root folder that holds the example paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.pages.layout import Layout
from tests.pages import example


@pytest.fixture
def root(tmp_path: Path) -> Path:
    example.write_example(tmp_path)
    return tmp_path


@pytest.fixture
def layout(root: Path) -> Layout:
    return Layout(root, "quick", example.PAPER)
