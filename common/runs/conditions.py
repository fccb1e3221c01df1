"""Conditions: what a method is run on, as products of values, and the file name of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from common.records.schema import Scalar

Condition = dict[str, Scalar]


def product(values: Mapping[str, Sequence[Scalar]]) -> Iterator[Condition]:
    """Every combination of one value per name; the last name varies fastest."""
    for combination in itertools.product(*values.values()):
        yield dict(zip(values, combination, strict=True))


def condition_name(condition: Condition) -> str:
    """File name of a condition: `corruption=fog+severity=5`, or `all` where nothing varies."""
    return "+".join(f"{key}={value}" for key, value in condition.items()).replace("/", "-") or "all"
