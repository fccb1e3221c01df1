"""Claims, as papers state them in claims.yaml, and verdicts, as the records decide them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, ValidationInfo, field_validator

from common.claims.comparison import Comparison, Ranking
from common.records.query import Selection
from common.records.schema import Name, Scalar, Scale
from common.strict import StrictModel

EffectWord = Literal["holds", "fails", "inconclusive", "not run"]
ValueWord = Literal["reproduced", "differs", "inconclusive", "not comparable", "not run"]
Origin = Literal["paper", "control"]  # control: the paper doesn't claim it, but its reader would ask


class Published(StrictModel):
    """A number quoted exactly from the paper, with the protocol facts under which it was measured."""

    value: FiniteFloat
    source: str  # "Table 19, row ENT, column avg"
    plus_minus: FiniteFloat | None = None
    plus_minus_means: str | None = None  # "standard deviation over 3 seeds"; absent where unknown
    n: int | None = None
    # What plus_minus is, where the paper says so: only then does it widen the interval of the difference.
    plus_minus_kind: Literal["standard deviation", "standard error"] | None = None
    quoted_from: str | None = None  # where the number was read, if not in the paper itself
    # The facts that make the number comparable; a claim that names none would match any run.
    protocol: dict[str, Scalar | None] = Field(min_length=1)

    @field_validator("plus_minus_kind")
    @classmethod
    def _complete(cls, kind: str | None, info: ValidationInfo) -> str | None:
        if kind is not None and (info.data.get("plus_minus") is None or (info.data.get("n") or 0) < 2):
            raise ValueError("it needs plus_minus and an n of at least 2 beside it")
        return kind

    def standard_error(self) -> float:
        """Standard error of `value`; 0 where the paper doesn't say what its plus_minus means."""
        if self.plus_minus_kind is None or self.plus_minus is None or self.n is None:
            return 0.0
        return self.plus_minus / (self.n**0.5 if self.plus_minus_kind == "standard deviation" else 1.0)


class EffectClaim(StrictModel):
    """A direction or an order; holds when every one of its comparisons does."""

    kind: Literal["effect"]
    id: Name
    origin: Origin = "paper"
    statement: str
    where: str  # where the paper states it; for a control, what raises the question
    unit: str
    explanation: str | None = None  # why it fails or is open at quick scale: the experiment that tells
    every: list[Comparison] = Field(min_length=1)

    @field_validator("every")
    @classmethod
    def _without_unit(cls, every: list[Comparison], info: ValidationInfo) -> list[Comparison]:
        ranking = any(isinstance(comparison.minuend, Ranking) for comparison in every)
        if ranking and info.data.get("unit"):
            raise ValueError("a rank correlation has no unit; write unit: '' and move what has one elsewhere")
        return every


class ValueClaim(StrictModel):
    """A published number; comparable only when every protocol fact agrees."""

    kind: Literal["value"]
    id: Name
    statement: str
    where: str
    unit: str
    explanation: str | None = None  # why it doesn't come out as stated
    quantity: Selection
    quantity_name: str | None = None  # how a sentence calls it: "ENT's error"
    published: Published
    margin: FiniteFloat = Field(gt=0)  # equivalence margin in the metric's unit, fixed before the run
    margin_reason: str


Claim = Annotated[EffectClaim | ValueClaim, Field(discriminator="kind")]


class Claims(StrictModel):
    """The whole of a paper's claims.yaml."""

    claims: list[Claim] = Field(min_length=1)


class Estimate(StrictModel):
    """A mean over seeds with its two-sided confidence interval.

    There is none for a single seed, nor for random seeds that all agree: no interval can be stated then.
    """

    mean: float
    low: float
    high: float
    confidence: float
    n: int
    p_value: float | None = None
    deterministic: bool = False  # the runs have no randomness: the interval is the value itself


class Part(StrictModel):
    """The outcome of one comparison of an effect claim."""

    label: str
    word: EffectWord  # by its own interval, before any correction
    # Of the difference, `times` and `of` applied; its p_value tests "it is exactly at_least, on its side".
    estimate: Estimate | None
    sentence: str


class Verdict(StrictModel):
    """What the records of one scale say about one claim."""

    claim: Name
    kind: Literal["effect", "value"]
    origin: Origin = "paper"
    statement: str
    where: str
    unit: str
    scale: Scale
    word: EffectWord | ValueWord
    sentence: str  # the whole outcome in words that a reader can check
    # Value: the quantity, with its 95 % interval. Effect with one comparison: the difference.
    estimate: Estimate | None = None
    # Value, where comparable: here minus published, with the interval that decides (90 % for equivalence,
    # 95 % for a difference) and the p-value of the equivalence test.
    difference: Estimate | None = None
    parts: list[Part] = []
    published: Published | None = None
    margin: float | None = None
    differing_facts: dict[str, tuple[Scalar | None, Scalar | None]] = {}  # fact -> (published, here)


class Verdicts(StrictModel):
    """The verdicts on one paper at one scale: the file verdicts.json."""

    paper: Name
    scale: Scale
    verdicts: list[Verdict]
