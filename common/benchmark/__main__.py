"""`python -m common.benchmark [NAME…]`: time our ways beside the usual ones; everything, if none is named."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.strict import BadInputError

if TYPE_CHECKING:
    from common.benchmark.report import Report

ROOT = Path.cwd()
WRITTEN = "results/benchmarks"


def main(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="benchmarks, or folders")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="of the numerical libraries, as jobs have")] = 1,
    listed: Annotated[bool, typer.Option("--list", help="only say which there are")] = False,
) -> None:
    """Print a table and write it to results/benchmarks.{md,json}, which hold the last run.

    Exit status 1 where the two ways of a pair give different results.
    """
    from common.benchmark.finding import choose, find_benchmarks

    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(threads)  # read by the libraries when they are loaded
    try:
        chosen = choose(find_benchmarks(ROOT), names or [])
        if listed:
            for found in chosen:
                typer.echo(f"{found.benchmark.name}  ({found.folder})")
            return
        from common.benchmark.running import run

        _tell(run(chosen, ROOT, threads))
    except BadInputError as error:
        sys.exit(f"error: {error}")


def _tell(report: Report) -> None:
    """Print and write the report, and end with its errors if it has any."""
    from rich.console import Console

    from common.atomic import write_text
    from common.benchmark.showing import for_terminal, markdown

    # A file or a pipe gets whole lines, however long.
    console = Console(width=None if sys.stdout.isatty() else 240)
    for part in for_terminal(report):
        console.print(part)
    write_text(ROOT / f"{WRITTEN}.json", report.model_dump_json(indent=1) + "\n")
    write_text(ROOT / f"{WRITTEN}.md", markdown(report))
    console.print(f"Written to {WRITTEN}.md and .json")
    if errors := report.errors():
        sys.exit("\n".join(f"error: {error}" for error in errors))


if __name__ == "__main__":
    typer.run(main)
