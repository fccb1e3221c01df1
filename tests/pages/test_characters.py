"""Characters that hide or reorder others are shown by their numbers; all others stay as they are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.pages.characters import change_words, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, tab\tand\nline", "plain, tab\tand\nline"),
        ("Åse ℓ₁ 中 — “x”", "Åse ℓ₁ 中 — “x”"),
        ("rm \u202egpj.exe", "rm [U+202E]gpj.exe"),
        ("pay\u200bpal", "pay[U+200B]pal"),
        ("a\0b\x1b[31m", "a[U+0000]b[U+001B][31m"),
        ("a\u200db", "a[U+200D]b"),
        ("\u200d", "[U+200D]"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_unseen_is_left_and_nothing_seen_is_lost(text: str) -> None:
    shown = visible(text)
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") or c in "\t\n\r" for c in shown)
    seen = [
        character for character in text if unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp")
    ]
    rest = iter(shown)
    assert all(character in rest for character in seen)


def test_every_string_of_a_tree_is_changed() -> None:
    tree = {"a\0": ["b\0", {"c": "d\0"}, 1, None, True]}
    assert change_words(tree, visible) == {"a[U+0000]": ["b[U+0000]", {"c": "d[U+0000]"}, 1, None, True]}
