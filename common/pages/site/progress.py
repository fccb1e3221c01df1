"""What the front page counts: papers and claims by track, cost in total, and what hasn't been run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.pages.catalogue import WITHOUT_TRACK
from common.pages.site.entries import Entry
from common.pages.site.states import Listing
from common.pages.site.summary import Summary, sum_of_all
from common.pages.site.verdict_words import count_words


@dataclass(frozen=True)
class TrackProgress:
    """One track: how many papers the catalogue lists, and the entries of those that were begun."""

    track: str
    listings: list[Listing]
    entries: list[Entry]

    @property
    def judged(self) -> int:
        """Papers with a verdict on at least one claim."""
        return sum(entry.is_judged for entry in self.entries)

    @property
    def waiting(self) -> int:
        """Papers that could be run but that nobody has begun."""
        return sum(listing.state == "not started" for listing in self.listings)

    @property
    def counts(self) -> dict[str, int]:
        """How often each verdict word was reached."""
        return count_words(verdict for entry in self.entries for verdict in entry.verdicts)


@dataclass(frozen=True)
class TotalCost:
    """What all runs of all papers took; `energy_joules` is None where one paper's isn't known."""

    runs: int
    processor_seconds: float
    seconds: float
    memory_mib: float | None
    energy_joules: float | None
    cells: int
    cells_absent: int
    finished: str | None


def by_track(listings: Sequence[Listing], entries: Sequence[Entry]) -> list[TrackProgress]:
    """Every track that a paper names, by name: those without a begun paper are there too."""
    listed = {listing.paper.track for listing in listings} - set(WITHOUT_TRACK)
    return [
        TrackProgress(
            track,
            [listing for listing in listings if listing.paper.track == track],
            [entry for entry in entries if entry.paper.track == track],
        )
        for track in sorted(listed | {entry.paper.track for entry in entries})
    ]


def total_cost(entries: Sequence[Entry]) -> TotalCost:
    """Add up the summaries of all papers that have runs."""
    made = [entry.summary for entry in entries if entry.summary]
    run = [summary for summary in made if summary.runs]
    return TotalCost(
        runs=sum(summary.runs for summary in run),
        processor_seconds=sum(summary.processor_seconds for summary in run),
        seconds=sum(summary.seconds for summary in run),
        memory_mib=max(
            (summary.memory_mib for summary in run if summary.memory_mib is not None), default=None
        ),
        energy_joules=sum_of_all(summary.energy_joules for summary in run),
        cells=sum(summary.cells for summary in made),
        cells_absent=sum(summary.cells_absent for summary in made),
        finished=max(filter(None, map(_finished, run)), default=None),
    )


def _finished(summary: Summary) -> str | None:
    return summary.finished
