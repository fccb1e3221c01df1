"""The fonts of reports, the same on every machine, and what is done about characters that they lack."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from common.pages.characters import code_point, visible

if TYPE_CHECKING:
    from typst import Fonts

_FACES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique")
_LAYOUT = "\t\n\r"


def report_fonts() -> Fonts:
    """The fonts inside typst, and those of matplotlib, in which figures are drawn; none of this machine."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[_folder()])


def printable(text: str) -> str:
    """`text` with every character written out, as in '[U+4E2D]', that no font prints in all of its faces.

    It can then be searched and copied: a glyph that stands for many characters would be read as one of them.
    """
    known = _characters()
    return visible("".join(c if c in known or c in _LAYOUT else code_point(c) for c in text))


@cache
def _characters() -> frozenset[str]:
    """What DejaVu Sans prints in each face, which is more than the other fonts do."""
    from matplotlib.ft2font import FT2Font

    faces = [FT2Font(str(_folder() / f"{face}.ttf")).get_charmap() for face in _FACES]
    return frozenset(map(chr, set.intersection(*map(set, faces))))


def _folder() -> Path:
    found = importlib.util.find_spec("matplotlib")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
