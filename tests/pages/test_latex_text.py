"""Words in LaTeX, against what a person would type for them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.pages.tables.latex_text import escape_latex


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        (r"$x$ % \end{table}", r"\$x\$ \% \textbackslash{}end\{table\}"),
        ("~^#_&{}", r"\textasciitilde{}\textasciicircum{}\#\_\&\{\}"),
        ("<a|b>", r"\textless{}a\textbar{}b\textgreater{}"),
        ('say "so"', r"say {\ttfamily\char34}so{\ttfamily\char34}"),
        ("a -- b --- c", "a -{}- b -{}-{}- c"),
        ("?`Si!` ,,q''", r"?\textasciigrave{}Si!\textasciigrave{} ,{},q'{}'"),
        ("[2cm] *", "{[}2cm] {*}"),
        (
            "“so” \N{EN DASH} \N{LEFT SINGLE QUOTATION MARK}it\N{RIGHT SINGLE QUOTATION MARK} is…",
            r"``so'' -- `it' is\ldots{}",
        ),
        ("?\N{LEFT SINGLE QUOTATION MARK}", "?{}`"),
        ("Ångström, Erdős, Çağlar", r"\r{A}ngstr\"{o}m, Erd\H{o}s, \c{C}a\u{g}lar"),
        ("Straße, Søren, Łódź", r"Stra\ss{}e, S\o{}ren, \L{}\'{o}d\'{z}"),
        ("ℓ₁ ± 5 ≠ \N{MINUS SIGN}5", r"$\ell$$_1$ $\pm$ 5 $\neq$ $-$5"),
        ("\N{GREEK SMALL LETTER ALPHA} λ Ω", r"$\alpha$ $\lambda$ $\Omega$"),
        ("中 ą", "{[}U+4E2D] {[}U+0105]"),
        ("a\u202eb\0", "a{[}U+202E]b{[}U+0000]"),
        ("two\nlines\tand\N{NO-BREAK SPACE}spaces ", "two lines and spaces"),
    ],
)
def test_what_is_written(text: str, latex: str) -> None:
    assert escape_latex(text) == latex


@given(st.text())
def test_whatever_is_written_is_ascii_balanced_and_no_comment(text: str) -> None:
    latex = escape_latex(text)
    assert latex.isascii()
    bare = re.sub(r"\\[^a-zA-Z]", "", latex)
    assert bare.count("{") == bare.count("}")
    assert not set(bare) & set("%#&~")
    assert bare.count("$") % 2 == 0
