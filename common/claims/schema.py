"""Claims, as papers state them in claims.yaml, and verdicts, as the records decide them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from common.records.query import Selection
from common.records.schema import Name, Scalar, Scale
from common.strict import StrictModel

EffectWord = Literal["holds", "fails", "inconclusive", "not run"]
ValueWord = Literal["reproduced", "differs", "inconclusive", "not comparable", "not run"]


class Published(StrictModel):
    """A number quoted exactly from the paper, with the protocol facts under which it was measured."""

    value: float
    source: str  # "Table 19, row ENT, column avg"
    plus_minus: float | None = None
    plus_minus_means: str | None = None  # "standard deviation over 3 seeds"; absent where unknown
    n: int | None = None
    quoted_from: str | None = None  # where the number was read, if not in the paper itself
    protocol: dict[str, Scalar | None]


class Comparison(StrictModel):
    """One difference `minuend - subtrahend`, or `minuend - constant`, expected on one side of zero."""

    minuend: Selection
    subtrahend: Selection | None = None
    constant: float | None = None
    expected: Literal["negative", "positive"]
    at_least: float = 0.0  # the smallest size of the difference that the claim still calls true
    label: str | None = None


class EffectClaim(StrictModel):
    """A direction or an order; holds when every one of its comparisons does."""

    kind: Literal["effect"]
    id: Name
    statement: str
    where: str  # where the paper states it
    unit: str
    every: list[Comparison] = Field(min_length=1)


class ValueClaim(StrictModel):
    """A published number; comparable only when every protocol fact agrees."""

    kind: Literal["value"]
    id: Name
    statement: str
    where: str
    unit: str
    quantity: Selection
    published: Published
    margin: float = Field(gt=0)  # equivalence margin in the metric's unit, fixed before the run
    margin_reason: str


Claim = Annotated[EffectClaim | ValueClaim, Field(discriminator="kind")]


class Claims(StrictModel):
    """The whole of a paper's claims.yaml."""

    claims: list[Claim] = Field(min_length=1)


class Estimate(StrictModel):
    """A mean over seeds with its two-sided confidence interval."""

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
    word: EffectWord
    estimate: Estimate | None


class Verdict(StrictModel):
    """What the records of one scale say about one claim."""

    claim: Name
    kind: Literal["effect", "value"]
    statement: str
    where: str
    unit: str
    scale: Scale
    word: EffectWord | ValueWord
    sentence: str  # the whole outcome in words that a reader can check
    estimate: Estimate | None = None
    parts: list[Part] = []
    published: Published | None = None
    margin: float | None = None
    differing_facts: dict[str, tuple[Scalar | None, Scalar | None]] = {}  # fact -> (published, here)


class Verdicts(StrictModel):
    """The verdicts on one paper at one scale: the file verdicts.json."""

    paper: Name
    scale: Scale
    verdicts: list[Verdict]
