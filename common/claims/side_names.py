"""What sentences and pictures call a comparison and its two sides."""

from __future__ import annotations

from collections.abc import Mapping

from common.claims.comparison import Comparison, Ranking
from common.claims.wording import show_exact
from common.records.query import Selection
from common.records.schema import Scalar

Where = Mapping[str, Scalar | list[Scalar]]


def comparison_label(comparison: Comparison) -> str:
    """What the comparison is called in a list of several."""
    if comparison.label:
        return comparison.label
    minuend, subtrahend = comparison.minuend, comparison.subtrahend
    if isinstance(minuend, Ranking):
        return "ranking at {} against {}".format(*_parted(minuend))
    if subtrahend is None:
        return f"{minuend.method}{_conditions(minuend, None)} against {reference_name(comparison)}"
    first = f"{minuend.method}{_conditions(minuend, subtrahend)}"
    second = f"{subtrahend.method}{_conditions(subtrahend, minuend)}"
    shared = _at(_shared(minuend.where, subtrahend.where))
    times = "" if comparison.times == 1 else f"{bound_name(comparison)} "
    return f"{first} against {times}{second}" + (f", both{shared}" if shared else "")


def measure_name(comparison: Comparison) -> str:
    """What a picture of the comparison shows; empty for a plain difference."""
    if isinstance(comparison.minuend, Ranking):
        constant = comparison.constant or 0.0
        return "rank correlation" + (f" minus {show_exact(constant)}" if constant else "")
    spread = "difference in spread" if comparison.of == "spread" else ""
    if comparison.times == 1:
        return spread
    return f"{spread or 'difference'} from {bound_name(comparison)} the other"


def bound_name(comparison: Comparison) -> str:
    """`20 % of` or `2 times`, for what the minuend is compared with."""
    times = comparison.times
    return f"{show_exact(100 * times)} % of" if times < 1 else f"{show_exact(times)} times"


def minuend_name(comparison: Comparison) -> str:
    """`ENT's error`, `The spread over seeds … of ENT's error`, for the start of a sentence."""
    spread = "The spread over seeds (mean distance from the median) of " if comparison.of == "spread" else ""
    return spread + (comparison.minuend_name or _default_name(comparison))


def reference_name(comparison: Comparison) -> str:
    """`BN adaptation's`, `that of BN adaptation's`, or the constant."""
    subtrahend = comparison.subtrahend
    if subtrahend is None:
        return comparison.subtrahend_name or show_exact(comparison.constant or 0.0)
    spread = "that of " if comparison.of == "spread" else ""
    return spread + (comparison.subtrahend_name or _default_reference(comparison.minuend, subtrahend))


def _default_name(comparison: Comparison) -> str:
    minuend = comparison.minuend
    if isinstance(minuend, Ranking):
        methods = f"{', '.join(minuend.methods[:-1])} and {minuend.methods[-1]}"
        between = "{} and {}".format(*_parted(minuend))
        shared = _at(_shared(minuend.first, minuend.second))
        return f"The rank correlation of {methods} by {minuend.metric} between {between}" + (
            f", both{shared}" if shared else ""
        )
    return f"{minuend.method}'s {minuend.metric}{_conditions(minuend, comparison.subtrahend)}"


def _default_reference(minuend: Selection | Ranking, subtrahend: Selection) -> str:
    metric = f" {subtrahend.metric}" if subtrahend.metric != minuend.metric else ""
    step = f" in {subtrahend.step}" if subtrahend.step != minuend.step else ""
    other = minuend if isinstance(minuend, Selection) else None
    return f"{subtrahend.method}'s{metric}{step}" + _conditions(subtrahend, other)


def _parted(ranking: Ranking) -> tuple[str, str]:
    """The two conditions, each by what the other lacks."""
    first, second = _unlike(ranking.first, ranking.second), _unlike(ranking.second, ranking.first)
    return _listed(first) or "all conditions", _listed(second) or "all conditions"


def _conditions(selection: Selection, other: Selection | None) -> str:
    """The conditions by which a selection differs from the other; all of them where there is no other."""
    return _at(_unlike(selection.where, other.where if other else {}))


def _unlike(where: Where, other: Where) -> Where:
    return {name: value for name, value in where.items() if other.get(name) != value}


def _shared(where: Where, other: Where) -> Where:
    return {name: value for name, value in where.items() if other.get(name) == value}


def _at(where: Where) -> str:
    """` at severity 5, corruption fog, frost`, for the end of a name."""
    return f" at {_listed(where)}" if where else ""


def _listed(where: Where) -> str:
    return ", ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in where.items()
    )
