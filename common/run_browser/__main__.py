"""`python -m common.run_browser`: show the records as runs in MLflow.

The records are the truth, the runs a view of them that can be deleted and made again. One experiment per
track; one run per paper, one per cell with the means over its seeds, and below it one per record. A cell whose
runs are those of its records is left alone, one that changed is written again, one whose records are gone is
deleted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from common.records.schema import Scale
from common.run_browser.experiments import open_experiment, remove_former
from common.run_browser.notes import track_note
from common.run_browser.sources import Shown, read_shown
from common.run_browser.stores import DEFAULT_URI, Store, open_store
from common.run_browser.synchronising import synchronise
from common.strict import BadInputError


def show(store: Store, papers: Sequence[Shown], thorough: bool) -> None:
    """Bring papers into MLflow, track by track, with a line for each that is shown."""
    for track in sorted({paper.track for paper in papers}):
        members = [paper for paper in papers if paper.track == track]
        note = track_note(track, {paper.paper: paper.title for paper in members}, members[0].example)
        experiment, restored = open_experiment(store, track, note)
        for scope in (scope for paper in members for scope in paper.scopes):
            changes = synchronise(store, experiment, scope, thorough or restored)
            if scope.cells or changes.deleted:
                typer.echo(
                    f"{scope.label}: {changes.written} cells written, {changes.deleted} deleted, "
                    f"{changes.unchanged} unchanged"
                )
    removed = remove_former(store, {paper.paper for paper in papers})
    if removed:
        typer.echo(f"Removed what an earlier version had made, one experiment per paper: {', '.join(removed)}")


def main(
    papers: Annotated[
        list[str] | None, typer.Argument(help="all papers with records, if none is named")
    ] = None,
    scale: Annotated[Scale, typer.Option(help="smoke, quick or full")] = "quick",
    thorough: Annotated[bool, typer.Option(help="compare every run, also where nothing changed")] = False,
) -> None:
    """Write records into MLflow: mlflow.db, or the server that MLFLOW_TRACKING_URI names."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI
    try:
        shown = read_shown(Path.cwd(), scale, papers or [])
        with open_store(uri) as store:
            show(store, shown, thorough)
    except BadInputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    typer.run(main)
