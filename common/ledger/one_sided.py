"""What only one of two trees of results has: records, and seeds of a method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from common.ledger.causes import Cause
from common.ledger.numbers_in_words import numbers
from common.ledger.trees import JobResult, PaperResults
from common.strict import StrictModel

Side = Literal["before", "after"]


class OneSided(StrictModel):
    """Records of one method that only one of the trees has."""

    side: Side
    paper: str
    step: str
    method: str
    seeds: list[int]
    records: int


def one_sided(side: Side, paper: str, here: PaperResults, there: PaperResults) -> Iterator[OneSided]:
    """The records that are here and not there, those of a method together."""
    found: dict[tuple[str, str], list[int]] = {}
    for name, job in here.jobs.items():
        other = there.jobs.get(name, JobResult())
        lacking = job.records.keys() - other.records.keys()
        found.setdefault((name.step, name.method), []).extend([name.seed] * len(lacking))
    for (step, method), seeds in found.items():
        if seeds:
            yield OneSided(
                side=side,
                paper=paper,
                step=step,
                method=method,
                seeds=sorted(set(seeds)),
                records=len(seeds),
            )


def other_seeds(paper: str, before: PaperResults, after: PaperResults) -> Iterator[Cause]:
    """The methods of both trees that have not the same seeds."""
    seeds: dict[str, tuple[list[int], list[int]]] = {}
    for side, jobs in enumerate((before.jobs, after.jobs)):
        for name in jobs:
            seeds.setdefault(f"{paper}: {name.step}/{name.method}", ([], []))[side].append(name.seed)
    for method, (old, new) in seeds.items():
        if old and new and set(old) != set(new):
            yield Cause(kind="seeds", name=method, before=numbers(old), after=numbers(new))
