"""Why a job would run again: what it hangs on is not what its receipt names, or what it left is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from common.ledger.basis import Change, basis_of, changes, present_basis
from common.runs.config import PaperConfig
from common.runs.inputs import jobs_by_name
from common.runs.plan import JobSpec
from common.runs.receipt import Receipt, file_hash

_HASH = 64  # characters of a SHA-256, which tells a reader nothing


@dataclass(frozen=True)
class Reason:
    """What is the matter, and with which modules, keys, jobs or files."""

    what: str
    names: tuple[str, ...] = ()

    def shown(self, most: int | None = None) -> str:
        """The reason in words, with at most so many of the names."""
        names = list(self.names[:most])
        left = len(self.names) - len(names)
        listed = ", ".join(names) + (f" and {left} more" if left else "")
        return f"{self.what}: {listed}" if listed else self.what


def joined(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons, those of the same kind as one."""
    names: dict[str, dict[str, None]] = {}
    for reason in reasons:
        names.setdefault(reason.what, {}).update(dict.fromkeys(reason.names))
    return tuple(Reason(what, tuple(some)) for what, some in names.items())


def own_reasons(spec: JobSpec, config: PaperConfig, root: Path, receipt: Receipt) -> list[Reason]:
    """Why a job with this receipt would run again, whatever becomes of the jobs before it; [] if it wouldn't.

    Snakemake asks the same: are the outputs there, and are code, configuration, data and inputs as they were?
    """
    found = changed(spec, config, root, receipt)
    reasons = [Reason(f"{change.kind} changed", (_named(change),)) for change in found]
    lost = [path for path in spec.records if not (root / path).is_file()]
    return [*reasons, *(Reason("a record is missing", (path.as_posix(),)) for path in lost)]


def changed(spec: JobSpec, config: PaperConfig, root: Path, receipt: Receipt) -> list[Change]:
    """What the job hangs on that is no longer as its receipt has it.

    Two things are no change: data in a folder of the user's, into which Snakemake does not look, and an
    artefact that was read then and is gone now, which is made again when a job wants it.
    """
    folders = {name: receipt.data[name] for name in spec.config.folders if name in receipt.data}
    found = changes(basis_of(receipt), present_basis(spec, config, root, folders))
    makers = jobs_by_name(spec, config)
    gone = [change for change in found if _is_gone(change, makers)]
    awaited = [
        Change("input", name, None, "not made yet")
        for name, maker in makers.items()
        if name not in receipt.inputs and not (root / maker.artefact_of(maker.seed)).is_file()
    ]
    return [change for change in found if change not in gone] + awaited


def changed_by_hand(spec: JobSpec, root: Path, receipt: Receipt) -> list[str]:
    """The records that are there, but not as the job left them."""
    return [
        path.as_posix()
        for path in spec.records
        if (root / path).is_file() and file_hash(root / path) != receipt.records.get(path.as_posix())
    ]


def _is_gone(change: Change, makers: Mapping[str, JobSpec]) -> bool:
    return change.kind == "input" and change.after is None and change.name in makers


def _named(change: Change) -> str:
    """The name of what changed, with both values where they say something."""
    if change.before is None:
        return f"{change.name} (new)"
    if change.after is None:
        return f"{change.name} (gone)"
    if len(change.before) == _HASH:
        return change.name
    return f"{change.name} ({change.before} → {change.after})"
