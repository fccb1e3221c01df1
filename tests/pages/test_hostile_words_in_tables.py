"""Whatever stands in a paper's files and records, Markdown, LaTeX and CSV show as text."""

from __future__ import annotations

import csv
import re

from markdown_it import MarkdownIt

from common.pages.readme import verdict_table
from tests.pages import hostile
from tests.pages.conftest import Attacked

IN_TABLES = {
    *("table title", "table caption", "table source", "row not run", "row run", "group not run", "group run"),
    *(f"{kind} {name}" for kind in ("column", "unit", "header") for name in ("fog", "noise")),
    *("fact", "published fact", "fact here"),
}
IN_CSV = {"group not run", "group run", "header fog", "header noise", "published source", "fact", "fact here"}
# Every command that a table or its words may use, but for the environments.
COMMANDS = r"""\centering \caption \label \footnotesize \setlength \tabcolsep \toprule \midrule \bottomrule
    \cmidrule \multicolumn \textit \textbf \textsuperscript \quad \scriptsize \pm \, \smallskip \raggedright
    \\ \textbackslash \textasciitilde \textasciicircum \textasciigrave \textless \textgreater \textbar
    \ttfamily \char \{ \} \$ \& \% \# \_ \' \` \" \ss \l \alpha \ell"""
ENVIRONMENTS = [r"\begin{table}", r"\begin{tabular}", r"\end{tabular}", r"\end{table}"]


def parse_markdown(text: str) -> tuple[list[str], str]:
    """The kinds of all tokens, and the text of the document."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inline = [child for token in tokens for child in token.children or []]
    kinds = [token.type for token in tokens if token.type != "inline"]
    kinds += [token.type for token in inline if token.type not in ("text", "text_special")]
    paragraphs = ["".join(child.content for child in token.children or []) for token in tokens]
    return kinds, "\n".join(map(hostile.normalised, paragraphs))


def read_latex(paper: Attacked) -> str:
    """The LaTeX of the paper's table."""
    return paper.layout.table("corruptions", "tex").read_text()


def rows_of(latex: str) -> list[str]:
    """The rows of the table without escaped characters, so that each & and brace left has its meaning."""
    body = latex.split(r"\toprule", 1)[1].split(r"\bottomrule", 1)[0]
    return [re.sub(r"\\[{}&$]", "", line) for line in body.splitlines() if line.endswith(r"\\")]


def test_markdown_is_built_as_with_plain_words(plain: Attacked, attacked: Attacked) -> None:
    expected, _ = parse_markdown(plain.layout.table("corruptions", "md").read_text())
    kinds, shown = parse_markdown(attacked.layout.table("corruptions", "md").read_text())
    assert kinds == expected
    assert attacked.unshown(shown, IN_TABLES) == set()


def test_the_readme_shows_the_title_as_text(plain: Attacked, attacked: Attacked) -> None:
    expected, _ = parse_markdown(verdict_table(plain.root, "quick"))
    kinds, shown = parse_markdown(verdict_table(attacked.root, "quick"))
    assert kinds == expected
    assert kinds.count("link_open") == 1
    assert attacked.unshown(shown, ["title"]) == set()


def test_latex_has_no_command_of_the_words(attacked: Attacked) -> None:
    text = read_latex(attacked)
    assert text.isascii()
    assert set(re.findall(r"\\(?:[A-Za-z]+|.)", text)) - {r"\begin", r"\end"} <= set(COMMANDS.split())
    assert re.findall(r"\\(?:begin|end)\{[^}]*\}", text) == ENVIRONMENTS
    assert not re.search(r"(?<!\\)[%#~]", text)
    assert not re.search(r"--|''|``|,,|[?!]`", text)


def test_latex_braces_and_dollars_balance(attacked: Attacked) -> None:
    bare = re.sub(r"\\[{}$\\]", "", read_latex(attacked))
    depth = 0
    for brace in re.findall(r"[{}]", bare):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert bare.count("$") % 2 == 0


def test_each_row_of_latex_has_all_its_fields(attacked: Attacked) -> None:
    rows = rows_of(read_latex(attacked))
    spans = [[int(span) for span in re.findall(r"\\multicolumn(?:\{)?(\d+)", row)] for row in rows]
    fields = {row.count("&") + 1 + sum(span) - len(span) for row, span in zip(rows, spans, strict=True)}
    assert fields == {3}


def test_no_row_of_latex_begins_with_an_argument_of_the_line_before(attacked: Attacked) -> None:
    assert not [row for row in rows_of(read_latex(attacked)) if row.lstrip().startswith(("[", "*"))]


def test_csv_gives_the_words_and_no_formula(attacked: Attacked) -> None:
    text = attacked.layout.table("corruptions", "csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert {(row["row"], row["column"]) for row in rows} == {
        (row, column) for row in ("source", "ent") for column in ("fog", "noise")
    }
    fields = [field for row in rows for field in row.values()]
    assert not [field for field in fields if field.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert attacked.unshown("\n".join(map(hostile.normalised, fields)), IN_CSV) == set()
