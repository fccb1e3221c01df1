"""`python -m common.runs.collect PAPER`: join the planned records of a paper, or a step, into one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from common.records.collected import collect
from common.records.schema import Scale
from common.refusals import refusals_in_words
from common.runs.plan import jobs
from common.runs.receipt import check_untouched
from common.runs.registry import find_config
from common.strict import BadInputError

ROOT = Path.cwd()


def main(
    paper: str,
    scale: Annotated[Scale, typer.Option(help="smoke, quick or full")] = "quick",
    seeds: Annotated[
        int | None, typer.Option(min=1, help="number of seeds, where not the configuration's")
    ] = None,
    step: Annotated[str | None, typer.Option(help="this step's records alone")] = None,
) -> None:
    """Check and join the records of PAPER into its records.jsonl, or collected/<step>.jsonl."""
    try:
        specs = jobs(find_config(paper, ROOT), scale, seeds)
        wanted = [spec for spec in specs if step in (None, spec.step)]
        left = [spec for spec in wanted if any((ROOT / path).is_file() for path in spec.records)]
        with refusals_in_words():
            for spec in left:
                check_untouched(spec, ROOT)
            paths = [path for spec in left for path in spec.records]
            output = f"collected/{step}.jsonl" if step else "records.jsonl"
            collect(paths, ROOT / "results" / scale / paper / output)
    except BadInputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    typer.run(main)
