"""Characters that can't be seen: each is shown by its code point, so that no text hides or reorders any."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

_LAYOUT = "\t\n\r"
# Scripts that need joiners inside their words begin here: Hebrew, Arabic, those of India, emoji.
_FIRST_JOINED = "\u0590"
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format, surrogate, line and paragraph separator


def visible(text: str) -> str:
    """`text` with each control, zero-width or reordering character written out, as in 'a[U+202E]b'.

    Such a character could make one name look like another, or a number read backwards (the attack is
    described by Boucher and Anderson, "Trojan Source", 2021, arXiv 2111.00169).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        code_point(character) if _is_unseen(text, place) else character
        for place, character in enumerate(text)
    )


def code_point(character: str) -> str:
    """A character by its number, as in '[U+202E]'."""
    return f"[U+{ord(character):04X}]"


def change_words(value: Any, change: Callable[[str], str]) -> Any:
    """`value`, of lists, dicts and scalars, with every string in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): change_words(item, change) for key, item in value.items()}
    return [change_words(item, change) for item in value] if isinstance(value, list) else value


def _is_unseen(text: str, place: int) -> bool:
    character = text[place]
    if character in _JOINERS:
        return min(text[place - 1 : place] or "a", text[place + 1 : place + 2] or "a") < _FIRST_JOINED
    return unicodedata.category(character) in _UNSEEN and character not in _LAYOUT
