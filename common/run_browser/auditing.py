"""What MLflow holds of a scope against what it should hold: which runs stay and which go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from common.run_browser.contents import Cell, Scope
from common.run_browser.stores import Store
from common.run_browser.writing import PARENT

if TYPE_CHECKING:
    from mlflow.entities import Run as StoredRun

_RUNS_PER_PAGE = 1000


@dataclass
class Audit:
    """The whole cells by key, the runs that have no place, and how many cells are among those.

    The runs are in the order in which they are to be deleted: a run goes after those below it.
    """

    whole: dict[str, StoredRun] = field(default_factory=dict)
    deleted: list[StoredRun] = field(default_factory=list)
    deleted_cells: int = 0


def is_up_to_date(store: Store, experiment: str, scope: Scope) -> bool:
    """Whether the paper's run, which is written last and deleted first, vouches for all of its scope.

    Two short queries instead of reading every run: a second call takes no longer for a hundred papers.
    """
    if scope.summary is None:
        return False
    summaries = stored_runs(store, experiment, f"{scope.condition} and tags.kind = 'paper'")
    if [run.data.tags.get("digest") for run in summaries] != [scope.summary.digest()]:
        return False
    return not stored_runs(store, experiment, f"{scope.condition} and attributes.status != 'FINISHED'")


def audit(store: Store, experiment: str, scope: Scope, condition: str = "") -> Audit:
    """Compare the runs of the scope, or those that meet `condition`, with what is wanted; changes nothing."""
    wanted = {cell.key: cell for cell in (*scope.cells, scope.summary) if cell}
    below: dict[str, list[StoredRun]] = defaultdict(list)
    above = []
    for run in stored_runs(store, experiment, condition or scope.condition):
        parent = run.data.tags.get(PARENT)
        below[parent].append(run) if parent else above.append(run)
    found = Audit()
    # Of two that are the same, every process that looks keeps the one whose identifier comes first.
    for run in sorted(above, key=lambda run: run.info.run_id):
        _judge(run, below.pop(run.info.run_id, []), wanted, found)
    for orphans in below.values():
        found.deleted += orphans
    return found


def _judge(run: StoredRun, children: list[StoredRun], wanted: dict[str, Cell], found: Audit) -> None:
    key = run.data.tags.get("key", "")
    kept = _one_per_seed(children)
    if key not in found.whole and key in wanted and _shows(run, kept, wanted[key]):
        found.whole[key] = run
        identifiers = {child.info.run_id for child in kept.values()}
        found.deleted += [child for child in children if child.info.run_id not in identifiers]
    else:
        found.deleted += [*children, run]
        found.deleted_cells += run.data.tags.get("kind") == "cell"


def _shows(run: StoredRun, children: dict[str, StoredRun], cell: Cell) -> bool:
    """Whether the stored run is complete and has the cell's contents."""
    return (
        run.info.status == "FINISHED"
        and run.data.tags.get("digest") == cell.digest()
        and children.keys() == {record.tags["seed"] for record in cell.records}
    )


def _one_per_seed(children: Iterable[StoredRun]) -> dict[str, StoredRun]:
    """The finished runs below a cell, one for each seed."""
    finished = [child for child in children if child.info.status == "FINISHED"]
    ordered = sorted(finished, key=lambda child: child.info.run_id, reverse=True)
    return {child.data.tags.get("seed", ""): child for child in ordered}


def stored_runs(store: Store, experiment: str, condition: str) -> list[StoredRun]:
    """All runs of an experiment that meet a condition in MLflow's filter language."""
    runs: list[StoredRun] = []
    token = None
    while True:
        page = store.client.search_runs([experiment], condition, max_results=_RUNS_PER_PAGE, page_token=token)
        runs.extend(page)
        token = page.token
        if not token:
            return runs
