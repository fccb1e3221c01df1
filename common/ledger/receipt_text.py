"""The receipt of a run as a page of Markdown: what ran and why, first; then every cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from common.ledger.run_receipt import CellLine, JobLine, PaperLines, RunReceipt, sum_counts

_JOBS = ("fresh", "cached", "not run", "failed", "refused")
_CELLS = ("fresh", "cached", "recorded", "not run", "incomplete", "refused")
_CHARACTERS = 12  # of a hash


def to_markdown(receipt: RunReceipt) -> str:
    """The whole page; ends with a newline."""
    lines = [
        f"# Receipt of a run at {receipt.scale} scale",
        "",
        f"{_outcome(receipt)} {receipt.finished}, commit {_commit(receipt.commit)}, "
        f"after {receipt.seconds:.0f} s.",
        "",
        *_overview(receipt),
        *(line for paper in receipt.papers for line in _what_ran(paper)),
        *(line for paper in receipt.papers for line in _tables(paper)),
    ]
    return "\n".join(lines) + "\n"


def _outcome(receipt: RunReceipt) -> str:
    return "Finished" if receipt.succeeded else "**Ended with an error**"


def _commit(commit: str) -> str:
    """A commit in short, and in words whether files differed from it."""
    changed = ", with changes that aren't committed" if commit.endswith("-dirty") else ""
    return f"`{commit.removesuffix('-dirty')[:_CHARACTERS]}`{changed}"


def _overview(receipt: RunReceipt) -> Iterator[str]:
    """A row for each paper, and their sum."""
    yield "| paper | jobs | table cells |"
    yield "|---|---|---|"
    rows = [(paper.paper, paper.count_jobs(), paper.count_cells()) for paper in receipt.papers]
    if len(rows) > 1:
        rows.append(("all", sum_counts([row[1] for row in rows]), sum_counts([row[2] for row in rows])))
    for name, jobs, cells in rows:
        yield f"| {name} | {_counts(jobs, _JOBS)} | {_counts(cells, _CELLS)} |"
    yield ""
    yield (
        "*Fresh* was made in this run, *cached* in an earlier one, *recorded* elsewhere and committed. "
        "A job is a method of a step at one seed; some share a process."
    )
    yield ""
    yield f"Snakemake executed {len(receipt.executed)} jobs, those of tables, figures and pages included."
    yield ""


def _counts(counts: Counter[str], states: Sequence[str]) -> str:
    """'6 fresh, 2 cached'; 'none' where there is nothing to count."""
    return ", ".join(f"{counts[state]} {state}" for state in states if counts[state]) or "none"


def _what_ran(paper: PaperLines) -> Iterator[str]:
    """The jobs that ran, failed or are refused, by their reasons."""
    by_reason: dict[tuple[str, tuple[str, ...]], list[JobLine]] = defaultdict(list)
    for job in paper.jobs:
        if job.state in ("fresh", "failed", "refused"):
            by_reason[job.state, tuple(job.why)].append(job)
    if by_reason:
        yield f"## {paper.paper}: what ran, and why"
        yield ""
    for (state, why), jobs in by_reason.items():
        yield f"- **{state}**, {len(jobs)} job{'s' if len(jobs) > 1 else ''}: {_names(jobs)}"
        yield from (f"  - {reason}" for reason in why)
    if by_reason:
        yield ""


def _names(jobs: Sequence[JobLine]) -> str:
    """`step method` with all its seeds, each once."""
    seeds: dict[str, list[str]] = defaultdict(list)
    for job in jobs:
        seeds[f"{job.step} {job.method}"].append(str(job.seed))
    return "; ".join(
        f"{name}, seed{'s' if len(few) > 1 else ''} {', '.join(few)}" for name, few in seeds.items()
    )


def _tables(paper: PaperLines) -> Iterator[str]:
    if paper.tables:
        yield f"## {paper.paper}: cells"
        yield ""
    for table, cells in paper.tables.items():
        yield f"### {table}"
        yield ""
        yield "| cell | made | why | hash of its records |"
        yield "|---|---|---|---|"
        yield from map(_row, cells)
        yield ""


def _row(cell: CellLine) -> str:
    where = "" if cell.section == "here" else f" ({cell.section})"
    why = "; ".join(cell.why).replace("|", "\\|")
    return f"| {cell.cell} | {cell.state}{where} | {why} | {cell.hash[:_CHARACTERS]} |"
