"""Making the runs of a scope equal to its records, whatever was there before and whoever else writes."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from common.run_browser.auditing import Audit, audit, is_up_to_date
from common.run_browser.contents import Cell, Scope
from common.run_browser.stores import Store
from common.run_browser.writing import write_cell
from common.strict import BadInputError

# Two processes that write the same scope settle it in three rounds; more says that they don't.
_ROUNDS = 6
_STEP = 0.5  # seconds, by which the longest wait before a round grows
_WRITERS = 4  # at a time, on a server


@dataclass(frozen=True)
class Changes:
    """How many cells were written, deleted and left as they were; one that changed is deleted and written."""

    written: int
    deleted: int
    unchanged: int


def synchronise(store: Store, experiment: str, scope: Scope, thorough: bool = False) -> Changes:
    """Write the cells that are missing, delete what has no place, the paper's run last of all.

    `thorough` reads every run even where the paper's run vouches for them. On a tracking server, what was
    written is read again before the paper's run is: another process may have written the same cells.
    Raises BadInputError when another process keeps undoing what this one writes.
    """
    if not thorough and is_up_to_date(store, experiment, scope):
        return Changes(0, 0, len(scope.cells))
    written = deleted = 0
    for wait in range(_ROUNDS):
        # Two that look and delete in step would do so for ever.
        time.sleep(random.uniform(0, _STEP * wait))
        found = audit(store, experiment, scope)
        missing = [cell for cell in scope.cells if cell.key not in found.whole]
        vouched = _clear(store, scope, found, bool(missing))
        _write_all(store, experiment, missing)
        written += len(missing)
        deleted += found.deleted_cells
        # Two processes may each have deleted the other's copy of a cell: who deletes looks once more.
        if store.database or not (missing or found.deleted):
            if not vouched:
                _vouch(store, experiment, scope)
            return Changes(written, deleted, len(scope.cells) - written)
    raise _undone(scope)


def _clear(store: Store, scope: Scope, found: Audit, incomplete: bool) -> bool:
    """Delete what has no place; returns whether the paper's run still vouches for the scope.

    It goes first of all: from then on nothing vouches for the scope until all is well again.
    """
    vouching = found.whole.get(scope.summary.key) if scope.summary else None
    if vouching and (incomplete or found.deleted):
        store.delete(vouching)
    for run in found.deleted:
        store.delete(run)
    return bool(vouching and not incomplete and not found.deleted)


def _write_all(store: Store, experiment: str, cells: Sequence[Cell]) -> None:
    """Write cells, on a server several at a time; the first failure stops those that haven't begun."""
    from tqdm import tqdm

    with ThreadPoolExecutor(1 if store.database else _WRITERS) as pool:
        writing = [pool.submit(write_cell, store, experiment, cell) for cell in cells]
        try:
            for done in tqdm(as_completed(writing), "cells", len(cells), leave=False, disable=None):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _vouch(store: Store, experiment: str, scope: Scope) -> None:
    """Write the paper's run; where another process did so too, one of the two stays."""
    if scope.summary is None:
        return
    write_cell(store, experiment, scope.summary)
    for _ in range(0 if store.database else _ROUNDS):
        found = audit(store, experiment, scope, f"{scope.condition} and tags.kind = 'paper'")
        for run in found.deleted:
            store.delete(run)
        if scope.summary.key not in found.whole:
            write_cell(store, experiment, scope.summary)
        elif not found.deleted:
            break


def _undone(scope: Scope) -> BadInputError:
    return BadInputError(
        f"Another process keeps writing {scope.label} into the same MLflow server. Nothing is lost: the "
        f"records are files on this machine. Once it has ended, type: make mlflow"
    )
