"""The catalogue: every paper on the list, with how far it has come, in one page that can be searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.atomic import write_text
from common.pages.catalogue import WITHOUT_TRACK, read_catalogue, tracks_of
from common.pages.layout import Layout
from common.pages.site.entries import Entry, read_entries
from common.pages.site.rendering import render
from common.pages.site.states import STATES, count_states, list_papers
from common.records.schema import Scale


def write_catalogue(root: Path, scale: Scale, entries: Sequence[Entry] | None = None) -> Path:
    """Write site/<scale>/catalogue.html; `entries` are those of `read_entries`, where they are at hand."""
    begun = read_entries(root, scale) if entries is None else entries
    papers = read_catalogue(root)
    listings = list_papers(root, papers, begun)
    listed = {paper.id for paper in papers}
    page = render(
        "catalogue.html",
        scale=scale,
        looks_of_states=STATES,
        listings=listings,
        counts=count_states(listings),
        tracks=[*tracks_of(papers), *WITHOUT_TRACK],
        without_track=WITHOUT_TRACK,
        unlisted=[entry for entry in begun if entry.paper.id not in listed],
    )
    path = Layout(root, scale, "").catalogue
    write_text(path, page)
    return path
