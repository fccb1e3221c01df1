"""One comparison of an effect claim: what is compared with what, and what the claim expects."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, FiniteFloat, ValidationInfo, field_validator

from common.records.query import Selection
from common.records.schema import Name, Scalar
from common.strict import StrictModel


class Ranking(StrictModel):
    """How alike two conditions rank several methods: Spearman's correlation of `metric`, for each seed.

    Spearman, "The proof and measurement of association between two things" (1904). 1: the same order
    under both conditions; -1: the opposite one.
    """

    step: Name
    methods: list[Name] = Field(min_length=3)  # two methods agree or not: that is no correlation
    metric: str
    first: dict[str, Scalar | list[Scalar]]  # a condition, as in Selection.where
    second: dict[str, Scalar | list[Scalar]]

    @field_validator("methods")
    @classmethod
    def _distinct(cls, methods: list[str]) -> list[str]:
        if len(set(methods)) < len(methods):
            raise ValueError("name each method once")
        return methods

    @field_validator("second")
    @classmethod
    def _another(cls, second: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if second == info.data.get("first"):
            raise ValueError("both conditions are the same, and so would be the rankings")
        return second

    def selections(self) -> list[tuple[Selection, Selection]]:
        """What each method has under the first condition, and under the second."""
        everywhere = [Selection(step=self.step, method=name, metric=self.metric) for name in self.methods]
        return [(method.narrowed(self.first), method.narrowed(self.second)) for method in everywhere]


class Comparison(StrictModel):
    """One difference per seed, expected on one side of zero: `minuend - times * subtrahend`.

    Instead of a subtrahend there may be a constant: `minuend - constant`. A ranking has only that.
    """

    minuend: Selection | Ranking
    subtrahend: Selection | None = None
    constant: FiniteFloat | None = Field(default=None, validate_default=True)
    # 0.2 and expected negative: "below a fifth of it"; 2 and expected positive: "more than twice as large".
    times: FiniteFloat = Field(default=1.0, gt=0.0)
    # "spread": each value is first replaced by its distance from its side's median over seeds.
    of: Literal["mean", "spread"] = "mean"
    expected: Literal["negative", "positive"]
    # The smallest size of the difference that the claim still calls true, on the expected side. Below zero:
    # by how much the difference may lie on the other side ("is not worse by more than 0.3 points").
    at_least: FiniteFloat = 0.0
    label: str | None = None
    # How a sentence calls the two: "ENT's error", "BN adaptation's".
    minuend_name: str | None = None
    subtrahend_name: str | None = None

    @field_validator("subtrahend", mode="before")
    @classmethod
    def _no_ranking(cls, subtrahend: Any, info: ValidationInfo) -> Any:
        ranking = isinstance(info.data.get("minuend"), Ranking) or is_ranking(subtrahend)
        if subtrahend is not None and ranking:
            raise ValueError("a ranking must be the minuend, and is compared with a constant")
        return subtrahend

    @field_validator("constant")
    @classmethod
    def _one_reference(cls, constant: float | None, info: ValidationInfo) -> float | None:
        if "subtrahend" in info.data and (constant is None) == (info.data["subtrahend"] is None):
            raise ValueError("give either a subtrahend or a constant, and not both")
        return constant

    @field_validator("times", "of")
    @classmethod
    def _of_two_sides(cls, value: float | str, info: ValidationInfo) -> float | str:
        if value not in (1.0, "mean") and info.data.get("constant") is not None:
            raise ValueError("it needs a subtrahend; beside a constant leave it out")
        return value


def is_ranking(data: Any) -> bool:
    """Whether `data`, a side of a comparison as a file holds it, is meant as a Ranking."""
    return isinstance(data, dict) and not data.keys().isdisjoint({"methods", "first", "second"})
