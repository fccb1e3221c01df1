"""The verdict table on the README's first screen, written from the verdicts of the last reproduction.

A paper that has no verdicts here keeps the row it has, so that one paper's rerun needs no other's.
"""

from __future__ import annotations

from pathlib import Path

from common.atomic import write_text
from common.pages.layout import Layout
from common.pages.paper import Paper, find_papers, read_paper
from common.pages.site.claims import verdicts_on_the_paper
from common.pages.site.verdict_words import count_words
from common.pages.tables.markdown import escape_markdown
from common.records.schema import Scale
from common.strict import BadInputError

BEGIN = "<!-- verdicts: written by `make readme` from the records -->"
END = "<!-- end of verdicts -->"


def write_readme(root: Path, scale: Scale) -> Path:
    """Replace what stands between the two marks of README.md; raises BadInputError where they are missing."""
    path = root / "README.md"
    text = path.read_text()
    if BEGIN not in text or END not in text:
        raise BadInputError(f"README.md lacks the lines '{BEGIN}' and '{END}', between which the table goes.")
    before, rest = text.split(BEGIN, 1)
    standing, after = rest.split(END, 1)
    write_text(path, f"{before}{BEGIN}\n{verdict_table(root, scale, standing)}{END}{after}")
    return path


def verdict_table(root: Path, scale: Scale, standing: str = "") -> str:
    """One row per paper, by track: how often each word was reached at `scale`.

    Args:
        standing: the table as it stands; it is asked for papers without verdicts if it is of the same scale.
    """
    header = _line("track", "paper", f"verdicts at {scale} scale")
    rows = [header, "|---|---|---|"]
    old = standing.splitlines() if header in standing else []
    papers = [read_paper(root, name) for name in find_papers(root)]
    for paper in sorted(papers, key=lambda paper: (paper.track, paper.year, paper.id)):
        layout = Layout(root, scale, paper.id)
        kept = [] if layout.verdicts.is_file() else [row for row in old if f"](papers/{paper.id})" in row]
        rows += kept or [_row(paper, layout)]
    return "\n".join(rows) + "\n"


def _row(paper: Paper, layout: Layout) -> str:
    counts = count_words(verdicts_on_the_paper(layout))
    words = " · ".join(f"{count} {word}" for word, count in counts.items() if count)
    link = f"[{escape_markdown(paper.title)}](papers/{paper.id})"
    return _line(paper.track.replace("_", " "), link, words)


def _line(*fields: str) -> str:
    return f"| {' | '.join(fields)} |"
