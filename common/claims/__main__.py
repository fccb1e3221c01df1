"""`python -m common.claims PAPER --scale quick`: judge the claims of a paper by its records."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from common.atomic import write_text
from common.claims.reading import read_claims
from common.claims.verdicts import reach_verdicts
from common.records.collected import read_collected
from common.records.schema import Scale
from common.refusals import refusals_in_words
from common.strict import BadInputError


def main(
    paper: str,
    scale: Annotated[Scale, typer.Option(help="smoke, quick or full")] = "quick",
    records: Annotated[Path | None, typer.Option(help="default: results/SCALE/PAPER/records.jsonl")] = None,
    output: Annotated[Path | None, typer.Option(help="default: results/SCALE/PAPER/verdicts.json")] = None,
) -> None:
    """Read the claims and the records of PAPER, and write a verdict on each claim."""
    results = Path("results") / scale / paper
    try:
        claims = read_claims(Path("papers") / paper / "claims.yaml")
        collected = read_collected(records or results / "records.jsonl")
        verdicts = reach_verdicts(paper, scale, [line.record for line in collected], claims)
        with refusals_in_words():
            write_text(output or results / "verdicts.json", verdicts.model_dump_json(indent=1) + "\n")
    except BadInputError as error:
        sys.exit(f"error: {error}")
    for verdict in verdicts.verdicts:
        print(f"{verdict.claim}: {verdict.word}")


if __name__ == "__main__":
    typer.run(main)
