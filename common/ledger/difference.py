"""How two trees of results differ: verdicts, table cells, records, and what the jobs behind them hung on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from common.ledger.causes import Cause, job_causes
from common.ledger.flips import Flip, flips
from common.ledger.moved import MovedCell, MovedMetric, moved_cells, moved_metrics, same_results
from common.ledger.one_sided import OneSided, one_sided, other_seeds
from common.ledger.trees import JobName, JobResult, PaperResults, read_tree
from common.records.schema import Record
from common.strict import BadInputError, StrictModel


class JobDifference(StrictModel):
    """A job in both trees that left other numbers (`moved`), or hung on something else."""

    paper: str
    step: str
    method: str
    seed: int
    moved: bool
    receipts: bool  # both trees have one
    causes: list[Cause]


class Difference(StrictModel):
    """All that differs between two trees; `differs` says whether any result does.

    Attributes:
        verdicts, cells: how many there are, in one tree or both.
        records, jobs: how many both trees have.
        differing_records: how many of `records` hold other results.
        without_receipt: how many of `jobs` lack one in either tree.
        moved_times: cells that show times, which no two runs share.
        commits: those at which the records of each tree were made.
        seeds: methods that have other seeds.
    """

    before: str
    after: str
    verdicts: int = 0
    records: int = 0
    cells: int = 0
    jobs: int = 0
    differing_records: int = 0
    without_receipt: int = 0
    flips: list[Flip] = []
    only: list[OneSided] = []
    moved_cells: list[MovedCell] = []
    moved_times: list[MovedCell] = []
    moved_metrics: list[MovedMetric] = []
    job_differences: list[JobDifference] = []
    seeds: list[Cause] = []
    commits: tuple[list[str], list[str]] = ([], [])

    @property
    def differs(self) -> bool:
        """Whether any verdict, number or record differs; what they hung on may, and times always do."""
        return bool(self.flips or self.only or self.moved_cells or self.differing_records)


def compare_trees(before: Path, after: Path, root: Path) -> Difference:
    """Compare two folders of results; raises BadInputError where they have no paper in common.

    `root` is where the papers are defined, which tells which cells of their tables show times.
    """
    trees = read_tree(before), read_tree(after)
    if not trees[0].keys() & trees[1].keys():
        raise BadInputError(
            f"{before} has results of {', '.join(trees[0])}, but {after} of {', '.join(trees[1])}; "
            f"name two folders with a paper in common."
        )
    empty = PaperResults({}, {}, {})
    papers = sorted(trees[0].keys() | trees[1].keys())
    parts = [
        _compare_papers(paper, trees[0].get(paper, empty), trees[1].get(paper, empty), root)
        for paper in papers
    ]
    return _together(str(before), str(after), parts)


def _compare_papers(paper: str, before: PaperResults, after: PaperResults, root: Path) -> Difference:
    shared = sorted(before.jobs.keys() & after.jobs.keys())
    pairs = {name: (before.jobs[name], after.jobs[name]) for name in shared}
    cells, times = moved_cells(paper, before.cells, after.cells, root)
    twins = [twin for pair in pairs.values() for twin in _twins(*pair)]
    return Difference(
        before="",
        after="",
        verdicts=len(before.verdicts.keys() | after.verdicts.keys()),
        records=len(twins),
        cells=len(before.cells.keys() | after.cells.keys()),
        jobs=len(pairs),
        differing_records=sum(not same_results(*twin) for twin in twins),
        without_receipt=sum(not (old.receipt and new.receipt) for old, new in pairs.values()),
        flips=list(flips(paper, before.verdicts, after.verdicts)),
        only=[*one_sided("before", paper, before, after), *one_sided("after", paper, after, before)],
        moved_cells=cells,
        moved_times=times,
        moved_metrics=[metric for old, new in twins for metric in moved_metrics(old, new)],
        job_differences=list(_job_differences(paper, pairs)),
        seeds=list(other_seeds(paper, before, after)),
        commits=(_commits(before), _commits(after)),
    )


def _together(before: str, after: str, parts: list[Difference]) -> Difference:
    """The sum of what was found of each paper."""
    whole: dict[str, object] = {"before": before, "after": after}
    for name in Difference.model_fields.keys() - whole.keys() - {"commits"}:
        values = [getattr(part, name) for part in parts]
        counts = isinstance(values[0], int)
        whole[name] = sum(values) if counts else [item for value in values for item in value]
    commits = [sorted({commit for part in parts for commit in part.commits[side]}) for side in (0, 1)]
    return Difference.model_validate({**whole, "commits": tuple(commits)})


def _twins(before: JobResult, after: JobResult) -> Iterator[tuple[Record, Record]]:
    """The records of the conditions that both jobs have."""
    for condition, record in before.records.items():
        if condition in after.records:
            yield record, after.records[condition]


def _job_differences(
    paper: str, pairs: Mapping[JobName, tuple[JobResult, JobResult]]
) -> Iterator[JobDifference]:
    for name, (before, after) in pairs.items():
        causes = job_causes(before, after)
        moved = not all(same_results(*twin) for twin in _twins(before, after))
        if moved or causes:
            yield JobDifference(
                paper=paper,
                **name._asdict(),
                moved=moved,
                receipts=bool(before.receipt and after.receipt),
                causes=causes,
            )


def _commits(results: PaperResults) -> list[str]:
    return sorted({record.commit for job in results.jobs.values() for record in job.records.values()})
