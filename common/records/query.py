"""Selecting records: the one way in which tables, figures and claims name the numbers they want."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from common.records.schema import COST, Name, Record, Scalar
from common.strict import BadInputError, StrictModel


class Selection(StrictModel):
    """Records of one step and method whose condition agrees with `where`, and the metric wanted.

    A metric `cost.<name>` is a time in seconds: `cost.seconds`, `cost.processor_seconds`, or a part of them.
    `where` maps a condition's name to the value, or the list of values, that are wanted;
    a condition that is not named is averaged over.
    """

    step: Name
    method: Name
    metric: str
    where: dict[str, Scalar | list[Scalar]] = {}

    def matches(self, record: Record) -> bool:
        """Whether `record` is one of those selected."""
        return self.covers(record.step, record.method, record.condition)

    def covers(self, step: str, method: str, condition: Mapping[str, Scalar]) -> bool:
        """Whether the records of a step's method under a condition are among those selected."""
        return (
            step == self.step
            and method == self.method
            and all(_agrees(condition.get(name), wanted) for name, wanted in self.where.items())
        )

    def narrowed(self, where: dict[str, Scalar | list[Scalar]]) -> Selection:
        """The same selection with more conditions fixed."""
        return self.model_copy(update={"where": {**self.where, **where}})


def select(records: Iterable[Record], selection: Selection) -> list[Record]:
    """The selected records, by seed and condition."""
    chosen = [record for record in records if selection.matches(record)]
    return sorted(chosen, key=lambda record: (record.seed, sorted(map(str, record.condition.items()))))


def values_by_seed(records: Iterable[Record], selection: Selection) -> dict[int, float]:
    """Mean of the metric over the selected conditions, for each seed.

    Empty where nothing was run. Raises BadInputError when the seeds cover different conditions (their
    means would not be comparable) or when a record lacks the metric.
    """
    by_seed: dict[int, list[Record]] = defaultdict(list)
    for record in select(records, selection):
        by_seed[record.seed].append(record)
    _check_same_conditions(by_seed, selection)
    return {seed: _mean_metric(chosen, selection.metric) for seed, chosen in by_seed.items()}


def metric_value(record: Record, metric: str) -> float:
    """One number of a record by the name that a selection has for it; raises BadInputError without it."""
    named = record.metrics
    if metric.startswith(COST):
        named = {f"{COST}{name}": seconds for name, seconds in record.cost.times().items()}
    if metric not in named:
        raise BadInputError(
            f"Record of {record.paper}/{record.step}/{record.method} has no metric '{metric}'; "
            f"it has {', '.join(sorted(named))}."
        )
    return named[metric]


def _agrees(value: Scalar | None, wanted: Scalar | list[Scalar]) -> bool:
    return value in wanted if isinstance(wanted, list) else value == wanted


def _mean_metric(records: Sequence[Record], metric: str) -> float:
    return sum(metric_value(record, metric) for record in records) / len(records)


def _check_same_conditions(by_seed: dict[int, list[Record]], selection: Selection) -> None:
    covered = {seed: {str(sorted(r.condition.items())) for r in rs} for seed, rs in by_seed.items()}
    if len({frozenset(conditions) for conditions in covered.values()}) > 1:
        raise BadInputError(
            f"The seeds of {selection.step}/{selection.method} cover different conditions, so their "
            f"means can't be compared; run the paper again to complete the records."
        )
