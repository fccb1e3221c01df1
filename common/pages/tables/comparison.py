"""Saying in words why a regenerated number can't be compared with the published one."""

from __future__ import annotations

from common.claims.protocols import Facts
from common.records.schema import Scalar


def describe(facts: Facts) -> str:
    """The facts as one phrase: 'network (wrn_28_10 published, resnet_14 here), …'."""
    return ", ".join(
        f"{fact.replace('_', ' ')} ({_value(published)} published, {_value(here)} here)"
        for fact, (published, here) in facts.items()
    )


def _value(value: Scalar | None) -> str:
    return "not stated" if value is None else str(value)
