"""The kinds of forget sets by name, and what each asks of the bi-level search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from common.records.schema import Scalar
from common.strict import BadInputError, StrictModel, suggest, validate

Start = Literal["uniform", "binary"]


@dataclass(frozen=True)
class Search:
    """How a kind searches; `upper_step` None: that of the settings."""

    start: Start
    upper_step: float | None = None


WORST = Search("uniform")
PUBLISHED_STEP = 1e-3  # summary: the paper's α; as released, the code starts with it from a random set
LARGE_STEP = 100.0  # ours: moves a weight from 0 to 1 where losses differ by 0.01

SEARCHED = {
    "worst": WORST,
    "easiest": WORST,
    "class_balanced": WORST,
    "binary_start": Search("binary", PUBLISHED_STEP),
    "binary_start_large": Search("binary", LARGE_STEP),
    "worst_class": WORST,
    "easiest_class": WORST,
}
IMAGE_KINDS = (
    "random",
    "tuning",
    "worst",
    "easiest",
    "class_balanced",
    "lowest_loss",
    "lowest_el2n",
    "lowest_grand",
    "moderate",
    "binary_start",
    "binary_start_large",
)
CLASS_KINDS = ("random_class", "tuning_class", "worst_class", "easiest_class")


class ForgetSetCondition(StrictModel):
    """One forget set; `ratio`: of the training images, or of the classes."""

    forget_set: str
    ratio: float = Field(gt=0, lt=1)


def read_condition(condition: dict[str, Scalar], class_wise: bool) -> ForgetSetCondition:
    """The condition, checked; raises BadInputError for an unknown kind or a ratio outside (0, 1)."""
    read = validate(ForgetSetCondition, condition, f"Condition {condition}")
    kinds, others = (CLASS_KINDS, IMAGE_KINDS) if class_wise else (IMAGE_KINDS, CLASS_KINDS)
    if read.forget_set in others:
        raise BadInputError(
            f"Condition {condition}: '{read.forget_set}' needs 'class_wise: {str(not class_wise).lower()}' "
            f"in the step's settings."
        )
    if read.forget_set not in kinds:
        raise BadInputError(
            f"Condition {condition}: there is no kind '{read.forget_set}'.{suggest(read.forget_set, kinds)}"
        )
    return read
