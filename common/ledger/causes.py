"""Why a job left other numbers than its twin in another tree: what the two did not have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from common.ledger.basis import Basis, basis_of, changes, flat
from common.ledger.trees import JobResult
from common.records.schema import MachineFacts, Record
from common.strict import StrictModel

Kind = Literal["code", "configuration", "data", "input", "environment", "machine", "seeds", "changed by hand"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ANY_MODULE = "one module or more"


class Cause(StrictModel):
    """One thing that two jobs, or two trees, don't share; None where one of them lacks it.

    Attributes:
        name: of a module, a key of the configuration, a data set, the artefact of an earlier step, a package,
            a fact of the machine, a step and its method, or a record.
    """

    kind: Kind
    name: str
    before: str | None
    after: str | None


def job_causes(before: JobResult, after: JobResult) -> list[Cause]:
    """All that the two jobs don't share, by kind; [] where nothing on record tells them apart."""
    bases = _bases(before, after)
    found = [Cause(**vars(change)) for change in changes(*bases)]
    found += _of_machines(_machine(before), _machine(after))
    found += [_edited(name, before="changed") for name in before.changed_by_hand]
    return found + [_edited(name, after="changed") for name in after.changed_by_hand]


def _edited(record: str, before: str | None = None, after: str | None = None) -> Cause:
    return Cause(kind="changed by hand", name=record, before=before, after=after)


def _bases(before: JobResult, after: JobResult) -> tuple[Basis, Basis]:
    """By both receipts, or else by both jobs' records, which tell less."""
    if before.receipt and after.receipt:
        return basis_of(before.receipt), basis_of(after.receipt)
    return _basis_of_record(_any(before)), _basis_of_record(_any(after))


def _basis_of_record(record: Record) -> Basis:
    """What the records of a job say that it hung on: of its code, a digest of all modules together."""
    return Basis(
        code={ANY_MODULE: record.code},
        configuration=flat({"settings": record.settings, "threads": record.cost.threads}),
        data=record.data,
        input=record.inputs,
    )


def _of_machines(before: MachineFacts, after: MachineFacts) -> Iterator[Cause]:
    """Versions of Python and of packages are the environment; all else is the machine."""
    yield from _unlike("environment", _environment(before), _environment(after))
    yield from _unlike("machine", _hardware(before), _hardware(after))


def _unlike(kind: Kind, before: dict[str, str], after: dict[str, str]) -> Iterator[Cause]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Cause(kind=kind, name=name, before=before.get(name), after=after.get(name))


def _environment(facts: MachineFacts) -> dict[str, str]:
    return {"python": facts.python, **facts.packages}


def _hardware(facts: MachineFacts) -> dict[str, str]:
    named = facts.model_dump(exclude={"python", "packages"})
    return {name.replace("_", " "): str(value) for name, value in named.items() if value is not None}


def _machine(job: JobResult) -> MachineFacts:
    return job.receipt.machine if job.receipt else _any(job).machine


def _any(job: JobResult) -> Record:
    return next(iter(job.records.values()))
