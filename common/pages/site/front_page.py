"""The front page: what was found, by track and paper, what it cost, and what hasn't been run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.atomic import write_text
from common.pages.catalogue import WITHOUT_TRACK, read_catalogue
from common.pages.layout import Layout
from common.pages.site.entries import Entry, read_entries
from common.pages.site.progress import by_track, total_cost
from common.pages.site.rendering import render
from common.pages.site.states import count_states, list_papers
from common.pages.site.verdict_words import count_words
from common.records.schema import Scale


def write_front(root: Path, scale: Scale, entries: Sequence[Entry] | None = None) -> Path:
    """Write site/<scale>/index.html; `entries` are those of `read_entries`, where they are at hand."""
    begun = read_entries(root, scale) if entries is None else entries
    listings = list_papers(root, read_catalogue(root), begun)
    page = render(
        "front.html",
        scale=scale,
        entries=begun,
        tracks=by_track(listings, begun),
        listings=listings,
        without_track=sum(listing.paper.track in WITHOUT_TRACK for listing in listings),
        states=count_states(listings),
        counts=count_words(verdict for entry in begun for verdict in entry.verdicts),
        total=total_cost(begun),
    )
    path = Layout(root, scale, "").front
    write_text(path, page)
    return path
