"""Conditions of the track: one corrupted test set each, to choose settings on or to be tested on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from common.records.schema import Scalar
from common.strict import BadInputError, StrictModel, suggest, validate


class Shift(StrictModel):
    """One corruption at one severity, on which the settings chosen elsewhere are tested."""

    split: Literal["development", "test"]
    corruption: str
    severity: int = Field(ge=1)


class Trial(Shift):
    """One on which a learning rate is tried."""

    learning_rate: float = Field(gt=0)


def read_shift(condition: dict[str, Scalar]) -> Shift:
    """The condition, checked: a `Trial` where its split is `development`. Raises BadInputError."""
    kinds: dict[str, type[Shift]] = {"development": Trial, "test": Shift}
    split = str(condition.get("split"))
    if split not in kinds:
        raise BadInputError(f"Condition {condition}: its split is '{split}'.{suggest(split, kinds)}")
    return validate(kinds[split], condition, f"Condition {condition}")
