"""Whether a regenerated number may be compared with the published one, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable

from common.claims.schema import Published
from common.records.schema import Record, Scalar, Scale

Facts = dict[str, tuple[Scalar | None, Scalar | None]]


def differing_facts(published: Published, records: Iterable[Record], scale: Scale) -> Facts:
    """The facts that stand in the way of a comparison: fact -> (published, here).

    Empty only when every protocol fact named with the published number agrees in every record and the
    scale is full. A fact that a record doesn't state is a fact that differs.
    """
    protocols = [record.protocol for record in records]
    facts: Facts = {}
    for fact, wanted in published.protocol.items():
        here = {protocol.get(fact) for protocol in protocols}
        if here != {wanted}:
            facts[fact] = (wanted, _join(here))
    if scale != "full":
        facts["scale"] = ("full", scale)
    return facts


def describe(facts: Facts) -> str:
    """The facts as one phrase: 'network (wrn_28_10 published, resnet_14 here), …'."""
    return ", ".join(
        f"{_words(fact)} ({_value(published)} published, {_value(here)} here)"
        for fact, (published, here) in facts.items()
    )


def _join(values: set[Scalar | None]) -> Scalar | None:
    if len(values) == 1:
        return next(iter(values))
    return " and ".join(sorted(_value(value) for value in values)) or None


def _words(fact: str) -> str:
    return fact.replace("_", " ")


def _value(value: Scalar | None) -> str:
    return "not stated" if value is None else str(value)
