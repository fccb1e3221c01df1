"""What to type into MLflow's search box to see the runs behind a cell."""

from __future__ import annotations

import json
from collections.abc import Sequence

from common.records.schema import Record


def runs_filter(records: Sequence[Record]) -> str:
    """Finds the runs of a cell: those of its step and method, and of its condition if it has one alone."""
    first = records[0]
    tags = {name: getattr(first, name) for name in ("paper", "scale", "step", "method")}
    conditions = {_written(record) for record in records}
    if len(conditions) == 1:
        tags["condition"] = conditions.pop()
    return " AND ".join(f"tags.{name} = {_quoted(value)}" for name, value in tags.items() if value)


def run_filter(identity: str) -> str:
    """Finds the run of one record, by the hash of all that repeats when the run is repeated."""
    return f"tags.identity = '{identity}'"


def _written(record: Record) -> str:
    """The condition as the tag of that name has it."""
    return " ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in sorted(record.condition.items())
    )


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
