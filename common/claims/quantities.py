"""Quantities: what a selection of records measures, seed by seed, or why it measures nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from common.records.query import Selection, select, values_by_seed
from common.records.schema import Record, Scalar
from common.stats.samples import ROUNDING
from common.strict import BadInputError, suggest


@dataclass(frozen=True)
class SeedValues:
    """A number by seed. `magnitude` is the size of the largest number that these were computed from."""

    by_seed: dict[int, float]
    deterministic: bool
    magnitude: float

    @property
    def values(self) -> list[float]:
        """The values in the order of their seeds."""
        return [self.by_seed[seed] for seed in sorted(self.by_seed)]

    def at(self, seed: int) -> float:
        """The value at `seed`; a deterministic number is the same at every seed."""
        return self.values[0] if self.deterministic else self.by_seed[seed]


@dataclass(frozen=True)
class Quantity(SeedValues):
    """A metric by seed. `missing` says why `by_seed` is empty, or covers less than was asked for."""

    selection: Selection
    records: list[Record]
    missing: str | None


@dataclass(frozen=True)
class Obstacle:
    """Why a comparison has no numbers to decide it, and the word that this leaves it with."""

    word: Literal["not run", "inconclusive"]
    sentence: str


def measure(records: Sequence[Record], selection: Selection) -> Quantity:
    """What `selection` measures.

    Raises BadInputError where its seeds cover different conditions, a record lacks the metric or holds
    NaN for it, or records that declare themselves deterministic disagree.
    """
    chosen = select(records, selection)
    missing = _why_missing(records, chosen, selection)
    by_seed = {} if missing else values_by_seed(chosen, selection)
    for seed, value in by_seed.items():
        if not math.isfinite(value):
            raise BadInputError(
                f"{selection.metric} of {selection.step}/{selection.method} is {value} at seed {seed}; "
                f"look at that run's log, mend it, and run it again."
            )
    deterministic = bool(chosen) and all(record.protocol.get("deterministic") is True for record in chosen)
    if deterministic and by_seed:
        _check_agreement(by_seed, selection)
    magnitude = max(map(abs, by_seed.values()), default=0.0)
    return Quantity(by_seed, deterministic, magnitude, selection, chosen, missing)


def common_seeds(sides: Sequence[SeedValues]) -> tuple[list[int], list[int]]:
    """The seeds that all sides have, and those that only some have.

    A deterministic side has every seed; where all are deterministic, one seed stands for every other.
    """
    random = [set(side.by_seed) for side in sides if not side.deterministic]
    if not random:
        return sorted(sides[0].by_seed)[:1], []
    common = set.intersection(*random)
    return sorted(common), sorted(set.union(*random) - common)


def check_same_conditions(first: Quantity, second: Quantity) -> None:
    """Raises BadInputError where two quantities average over different conditions.

    Compared are the conditions that both have and that neither side's `where` fixes differently.
    """
    names = {
        name
        for name in _condition_names(first) & _condition_names(second)
        if first.selection.where.get(name) == second.selection.where.get(name)
    }
    only = _covered(first, names) ^ _covered(second, names)
    if only:
        example = ", ".join(f"{name} {value}" for name, value in sorted(only, key=str)[0])
        raise BadInputError(
            f"{_named(first.selection)} and {_named(second.selection)} cover different conditions: "
            f"only one of them has {example}. Run the paper again to complete the records, or fix the "
            f"condition under 'where' in claims.yaml."
        )


def _why_missing(records: Sequence[Record], chosen: Sequence[Record], selection: Selection) -> str | None:
    if chosen:
        return _uncovered(chosen, selection)
    for name, wanted in (("step", selection.step), ("method", selection.method)):
        known = {str(getattr(record, name)) for record in records}
        if records and wanted not in known:
            return f"no record has the {name} '{wanted}'.{suggest(wanted, known)}"
    where = ", ".join(f"{name} {value}" for name, value in selection.where.items())
    return f"no record of {_named(selection)}" + (f" has {where}." if where and records else " exists.")


def _uncovered(chosen: Sequence[Record], selection: Selection) -> str | None:
    """A mean over a list of conditions is not that mean when some of the list was never run."""
    for name, wanted in selection.where.items():
        found = {record.condition.get(name) for record in chosen}
        absent = [value for value in wanted if value not in found] if isinstance(wanted, list) else []
        if absent:
            return f"no record of {_named(selection)} has {name} {', '.join(map(str, absent))}."
    return None


def _check_agreement(by_seed: dict[int, float], selection: Selection) -> None:
    low, high = min(by_seed.values()), max(by_seed.values())
    if high - low > ROUNDING * max(abs(low), abs(high)):
        raise BadInputError(
            f"Records of {_named(selection)} say that they are deterministic, but {selection.metric} runs "
            f"from {low} to {high} over their seeds. Take 'deterministic' out of their protocol, or find "
            f"out what varies."
        )


def _condition_names(quantity: Quantity) -> set[str]:
    return {name for record in quantity.records for name in record.condition}


def _covered(quantity: Quantity, names: set[str]) -> set[tuple[tuple[str, Scalar], ...]]:
    return {
        tuple(sorted((name, value) for name, value in record.condition.items() if name in names))
        for record in quantity.records
    }


def _named(selection: Selection) -> str:
    return f"{selection.step}/{selection.method}"
