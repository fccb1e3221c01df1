"""From records to the differences of one comparison, or to what keeps them from being taken."""

from __future__ import annotations

from collections.abc import Sequence

from common.claims.comparison import Comparison, Ranking
from common.claims.pairing import Differences, against_constant, against_other
from common.claims.quantities import Obstacle, check_same_conditions, measure
from common.claims.rankings import measure_agreement
from common.claims.spread import distances_from_median
from common.records.query import Selection
from common.records.schema import Record


def measure_differences(comparison: Comparison, records: Sequence[Record]) -> Differences | Obstacle:
    """The differences by seed; raises BadInputError where the two sides can't be compared."""
    # The schema has seen to it that there is a constant where there is no subtrahend.
    constant = comparison.constant or 0.0
    if isinstance(comparison.minuend, Ranking):
        return _of_ranking(comparison.minuend, constant, records)
    if comparison.subtrahend is None:
        return _to_constant(comparison.minuend, constant, records)
    return _of_two(comparison, comparison.minuend, comparison.subtrahend, records)


def _of_ranking(ranking: Ranking, constant: float, records: Sequence[Record]) -> Differences | Obstacle:
    agreement = measure_agreement(records, ranking)
    if isinstance(agreement, Obstacle):
        return agreement
    return against_constant(agreement, constant, agreement.left_out)


def _to_constant(selection: Selection, constant: float, records: Sequence[Record]) -> Differences | Obstacle:
    minuend = measure(records, selection)
    return Obstacle("not run", minuend.missing) if minuend.missing else against_constant(minuend, constant)


def _of_two(
    comparison: Comparison, first: Selection, second: Selection, records: Sequence[Record]
) -> Differences | Obstacle:
    minuend, subtrahend = measure(records, first), measure(records, second)
    missing = minuend.missing or subtrahend.missing
    if missing:
        return Obstacle("not run", missing)
    check_same_conditions(minuend, subtrahend)
    if comparison.of == "spread":
        return against_other(
            distances_from_median(minuend), distances_from_median(subtrahend), comparison.times
        )
    return against_other(minuend, subtrahend, comparison.times)
