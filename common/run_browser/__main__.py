"""`python -m common.run_browser`: show the records as runs in MLflow.

The records are the truth, the runs a view of them that can be deleted and made again. One experiment per
track; one run per paper, one per cell with the means over its seeds, and below it one per record. A cell
whose runs are those of its records is left alone, one that changed is written again, one whose records are
gone is deleted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from common.records.schema import Scale
from common.refusals import refusals_in_words
from common.run_browser.contents import Scope
from common.run_browser.experiments import open_experiment, remove_former
from common.run_browser.notes import track_note
from common.run_browser.sources import Shown, read_shown
from common.run_browser.stores import DEFAULT_URI, Store, open_store
from common.run_browser.synchronising import Changes, synchronise
from common.run_browser.views import shared_view, track_page
from common.strict import BadInputError


def show(store: Store, papers: Sequence[Shown], thorough: bool) -> dict[str, str]:
    """Bring papers into MLflow with a line for each; returns MLflow's identifier of each track."""
    tracks = {}
    for track in sorted({paper.track for paper in papers}):
        members = [paper for paper in papers if paper.track == track]
        records = [record for paper in members for record in paper.records]
        note = track_note(track, {paper.paper: paper.title for paper in members}, records)
        experiment, restored = open_experiment(store, track, note, shared_view(records))
        for scope in (scope for paper in members for scope in paper.scopes):
            _report(scope, synchronise(store, experiment, scope, thorough or restored))
        tracks[track] = experiment
    removed = remove_former(store, {paper.paper for paper in papers})
    if removed:
        typer.echo(f"Removed the experiments per paper of an earlier version: {', '.join(removed)}")
    return tracks


def _report(scope: Scope, changes: Changes) -> None:
    if scope.cells or changes.deleted:
        typer.echo(
            f"{scope.label}: {changes.written} cells written, {changes.deleted} deleted, "
            f"{changes.unchanged} unchanged"
        )


def main(
    papers: Annotated[
        list[str] | None, typer.Argument(help="all papers with records, if none is named")
    ] = None,
    scale: Annotated[Scale, typer.Option(help="smoke, quick or full")] = "quick",
    thorough: Annotated[bool, typer.Option(help="compare every run, also where nothing changed")] = False,
    browser: Annotated[str | None, typer.Option(help="where mlflow.db will be served")] = None,
) -> None:
    """Write records into MLflow: mlflow.db, or the server that MLFLOW_TRACKING_URI names."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI
    try:
        shown = read_shown(Path.cwd(), scale, papers or [])
        with refusals_in_words(), open_store(uri) as store:
            tracks = show(store, shown, thorough)
    except BadInputError as error:
        sys.exit(f"error: {error}")
    server = browser if uri.startswith("sqlite:") else uri
    if server:
        for track, experiment in tracks.items():
            typer.echo(f"{track}: {track_page(server, experiment)}")


if __name__ == "__main__":
    typer.run(main)
