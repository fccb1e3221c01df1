"""The strengths of every corruption at the five severities, read from strengths.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from common.data.corruptions.names import ALL_CORRUPTIONS, SEVERITIES
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate

FILE = Path(__file__).with_name("strengths.yaml")

FiveValues = Annotated[list[float], Field(min_length=5, max_length=5)]


class Strengths(StrictModel):
    """One corruption: where its values are published, and each parameter's value at severities 1 to 5."""

    source: str
    values: dict[str, FiveValues] = Field(min_length=1)


class Table(StrictModel):
    """The whole file, one entry per corruption."""

    corruptions: dict[str, Strengths]


@cache
def table() -> dict[str, Strengths]:
    """Strengths by corruption, in the file's order."""
    return validate(Table, {"corruptions": read_yaml(FILE)}, FILE.name).corruptions


def strength(corruption: str, severity: int) -> dict[str, float]:
    """Value of each parameter of `corruption` at `severity` (1 mildest, 5 strongest).

    Raises BadInputError for a name or a severity that doesn't exist.
    """
    check_name(corruption)
    check_severity(severity)
    return {name: values[severity - 1] for name, values in table()[corruption].values.items()}


def check_name(corruption: str) -> None:
    """Raise BadInputError, with the closest name, unless `corruption` exists."""
    if corruption not in ALL_CORRUPTIONS:
        raise BadInputError(f"There is no corruption '{corruption}'.{suggest(corruption, ALL_CORRUPTIONS)}")


def check_severity(severity: int) -> None:
    """Raise BadInputError unless `severity` is one of the five."""
    if severity not in SEVERITIES:
        raise BadInputError(f"Severity {severity!r} does not exist. Give 1 (mildest) to 5 (strongest).")
