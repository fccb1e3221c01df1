"""What the steps of this paper share: how a test is made, and what it is made on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from common.strict import StrictModel
from experiments.few_shot.protocol import EmbeddingFacts

if TYPE_CHECKING:
    from torch import Tensor


class TestSettings(StrictModel):
    """Test episodes; their `ways`, their `shots` and how `features` are treated are conditions."""

    __test__ = False  # no test of pytest's

    queries: int = Field(ge=1)
    episodes: int = Field(ge=2)


class Frozen(NamedTuple):
    """Features `[n, dimension]` and labels `[n]` of novel classes, and the mean feature of base images."""

    features: Tensor
    labels: Tensor
    base_mean: Tensor
    facts: EmbeddingFacts
