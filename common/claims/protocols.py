"""Comparability: the protocol facts that a published number names, beside those of our records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.records.schema import Record, Scalar, Scale

Facts = dict[str, tuple[Scalar | None, Scalar | None]]

NOT_RECORDED = "not recorded"


def differing_facts(published: Mapping[str, Scalar | None], records: Sequence[Record], scale: Scale) -> Facts:
    """Facts that keep records from being compared with a published number: name -> (published, here).

    Only the facts that the published number names are compared. A fact that a record lacks differs, and
    so does one on which the records disagree among themselves. A scale below full differs by itself.
    """
    facts: Facts = {} if scale == "full" else {"scale": ("full", scale)}
    for name, there in published.items():
        here = [record.protocol.get(name, NOT_RECORDED) for record in records]
        if not all(_same(there, value) for value in here):
            facts[name] = (there, _one_or_all(here))
    return facts


def _same(there: Scalar | None, here: Scalar | None) -> bool:
    """Equal, and of one kind: in Python True equals 1, but a fact that is true is no count of one."""
    return isinstance(there, bool) == isinstance(here, bool) and there == here


def _one_or_all(values: Sequence[Scalar | None]) -> Scalar | None:
    distinct = list({(type(value), value): value for value in values}.values())
    return distinct[0] if len(distinct) == 1 else "mixed: " + ", ".join(sorted(map(str, distinct)))
