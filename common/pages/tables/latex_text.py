"""Words in LaTeX: every character either stands for itself, is written as a command, or by its code point.

What is written compiles with pdfLaTeX of 2020 or later, whichever font encoding the document has.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from common.pages.characters import code_point, visible

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"{\ttfamily\char34}",  # \textquotedbl is there in some font encodings only
    "[": "{[}",  # at the beginning of a row it would be an argument of the line break before,
    "*": "{*}",  # and so would this
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "…": r"\ldots{}",
    "§": r"\S{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "\N{LATIN SMALL LETTER DOTLESS I}": r"\i{}",
}
_MATHEMATICS = {
    "±": r"\pm",
    "\N{MULTIPLICATION SIGN}": r"\times",
    "÷": r"\div",
    "·": r"\cdot",
    "°": r"^\circ",
    "²": "^2",
    "³": "^3",
    "\N{MINUS SIGN}": "-",
    "\N{SCRIPT SMALL L}": r"\ell",
    "≠": r"\neq",
    "≤": r"\leq",
    "≥": r"\geq",
    "≈": r"\approx",
    "∞": r"\infty",
    "∈": r"\in",
    "√": r"\surd",
    "←": r"\leftarrow",
    "→": r"\rightarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    **{chr(ord("₀") + digit): f"_{digit}" for digit in range(10)},
}
_ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": "`",
    "\N{COMBINING ACUTE ACCENT}": "'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~",
    "\N{COMBINING MACRON}": "=",
    "\N{COMBINING BREVE}": "u",
    "\N{COMBINING DOT ABOVE}": ".",
    "\N{COMBINING DIAERESIS}": '"',
    "\N{COMBINING RING ABOVE}": "r",
    "\N{COMBINING DOUBLE ACUTE ACCENT}": "H",
    "\N{COMBINING CARON}": "v",
    "\N{COMBINING CEDILLA}": "c",
}
# Greek letters that look like a Latin one have no command.
_GREEK = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
    phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"""
# Two characters that would print as one other, such as a dash.
_LIGATURES = {"--", "``", "''", ",,", "?`", "!`"}


def escape_latex(text: str) -> str:
    """`text` on one line, with nothing left that LaTeX would take for a command or doesn't know."""
    line = unicodedata.normalize("NFC", " ".join(visible(text).split()))
    pieces = [*map(_written, line), " "]
    return "".join(
        piece + ("{}" if piece[-1] + following[0] in _LIGATURES else "")
        for piece, following in pairwise(pieces)
    )


def _written(character: str) -> str:
    if character in _COMMANDS:
        return _COMMANDS[character]
    if character in _MATHEMATICS:
        return f"${_MATHEMATICS[character]}$"
    if character.isascii():
        return character
    return _greek(character) or _accented(character) or code_point(character).replace("[", "{[}")


def _greek(character: str) -> str:
    """A Greek letter as mathematics; '' for any other character."""
    script, _, name = unicodedata.name(character, "").partition(" LETTER ")
    name = name.replace("LAMDA", "LAMBDA")  # as Unicode spells it
    command = {"GREEK SMALL": name.lower(), "GREEK CAPITAL": name.capitalize()}.get(script)
    return rf"$\{command}$" if command in _GREEK.split() else ""


def _accented(character: str) -> str:
    """A Latin letter with one accent; '' for any other character."""
    base, *marks = list(unicodedata.normalize("NFD", character))
    if len(marks) != 1 or not base.isascii() or marks[0] not in _ACCENTS:
        return ""
    return rf"\{_ACCENTS[marks[0]]}{{{base}}}"
