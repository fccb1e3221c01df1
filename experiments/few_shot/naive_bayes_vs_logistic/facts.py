"""What makes two numbers of this paper comparable."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel


class SimulationFacts(StrictModel):
    """How the number of samples that a classifier needs was found.

    Attributes:
        repeats: draws whose mean test error must come below the Bayes error plus the tolerance.
        grid: how sample sizes grow: by `step` (the paper's ceil(ln n)), or by a factor.
        bayes_error: `closed_form` of the generator that is sampled; the released code has constants.
    """

    classes: int
    features: int
    covariance: str
    test_examples: int
    tolerance_points: float
    repeats: int
    grid: str
    largest_sample: str = "100 n"
    bayes_error: Literal["closed_form"] = "closed_form"
    deterministic: bool = False


class CurveFacts(StrictModel):
    """How an error on simulated classes was measured, at a sample size that was named beforehand."""

    classes: int
    features: int
    covariance: str
    test_examples: int
    samples: int
    deterministic: bool = False


class FeatureFacts(StrictModel):
    """Where features come from.

    Attributes:
        learned_from: what chose the features: `nothing`, `images`, `labels` of the same classes, `rotations`,
            or `imagenet`, which are labels of other data.
        outside_data: whether more data than the data set's own went in.
        feature_images: images of the data set that the features were learned from; none is drawn later.
    """

    dataset: str
    features: str
    learned_from: Literal["nothing", "images", "labels", "rotations", "imagenet"]
    outside_data: bool
    feature_images: int
    resolution: int
    dimension: int
    deterministic: bool = True


class ProbeFacts(StrictModel):
    """How a classifier on fixed features was fitted and judged.

    Attributes:
        scaling: of the features, fitted to the sample.
        tuned: what was chosen, and on what.
    """

    dataset: str
    features: str
    learned_from: str
    outside_data: bool
    dimension: int
    resolution: int
    pool_examples: int
    test_examples: int
    samples: int
    scaling: Literal["minmax"] = "minmax"
    missing_class: Literal["drawn_again"] = "drawn_again"
    tuned: str
    deterministic: bool = False


class GrowthFacts(StrictModel):
    """Which numbers of features a slope was fitted over."""

    classes: int
    covariance: str
    features: str
    repeats: int
    deterministic: bool = False
