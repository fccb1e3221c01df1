"""The commands that make a page, a table or a figure again, as they are shown to the reader."""

from __future__ import annotations

from common.records.schema import Scale


def paper_command(paper: str, scale: Scale) -> str:
    """Makes everything of one paper, from its data to its page."""
    return _snakemake(f"site/{scale}/{paper}/index.html", scale)


def table_command(paper: str, table: str, scale: Scale) -> str:
    """Makes one table and what it needs."""
    return _snakemake(f"results/{scale}/{paper}/tables/{table}.md", scale)


def figure_command(paper: str, figure: str, scale: Scale) -> str:
    """Makes one figure and what it needs."""
    return _snakemake(f"results/{scale}/{paper}/figures/{figure}.svg", scale)


def verdicts_command(paper: str, scale: Scale) -> str:
    """Reaches the verdicts on one paper's claims, after making what they need."""
    return _snakemake(f"results/{scale}/{paper}/verdicts.json", scale)


def report_command(paper: str, scale: Scale) -> str:
    """Makes the typeset report and what it needs."""
    return _snakemake(f"results/{scale}/{paper}/report.pdf", scale)


def _snakemake(target: str, scale: Scale) -> str:
    configured = "" if scale == "quick" else f" --config scale={scale}"
    return f"snakemake --cores 2 {target}{configured}"
