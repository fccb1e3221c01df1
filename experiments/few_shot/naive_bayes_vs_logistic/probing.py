"""Step `probes`: classifiers on fixed features, their error at growing numbers of labelled examples.

Section 5.2 of Zheng et al. 2023: a random subset is drawn, features are scaled to [0, 1] by it, and a linear
classifier is fitted; a seed is a draw, the same for all classifiers and all features of one pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, suggest, validate
from experiments.few_shot.naive_bayes_vs_logistic.classifiers import ClassifierSettings
from experiments.few_shot.naive_bayes_vs_logistic.facts import ProbeFacts

if TYPE_CHECKING:
    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import FeatureSet


class Settings(ClassifierSettings):
    """The classifier; `penalty_of` says C where it isn't the same for all features."""

    classes: int = Field(ge=2)
    penalty_of: dict[str, float] = {}

    def on(self, features: str) -> Settings:
        """The settings for one feature set."""
        return self.model_copy(
            update={"inverse_penalty": self.penalty_of.get(features, self.inverse_penalty)}
        )


class Point(StrictModel):
    """One place on a curve: a condition of the step."""

    features: str
    samples: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the errors; those of the most samples of a feature set stand for its limit."""
    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import FeatureSet

    points = [validate(Point, condition, f"Condition {condition}") for condition in job.conditions]
    for name in dict.fromkeys(point.features for point in points):
        if name not in job.gathered:
            raise BadInputError(
                f"Step '{job.step}' reads no features '{name}': add that step to its 'gathers'."
                f"{suggest(name, job.gathered)}"
            )
        features = FeatureSet.load(job.gathered[name][0])
        sizes = [point.samples for point in points if point.features == name]
        errors = {size: probe(features, job.settings.on(name), size, job.seed) for size in sizes}
        for size in sizes:
            yield Result(
                {"features": name, "samples": size},
                metrics={
                    "error_percent": errors[size],
                    "above_limit_percent": errors[size] - errors[max(sizes)],
                },
                protocol=_facts(features, job.settings, size),
            )


def probe(features: FeatureSet, settings: Settings, size: int, seed: int) -> float:
    """Draw, scale, fit, and the test error in percent."""
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.few_shot.naive_bayes_vs_logistic.rules import error_percent
    from experiments.few_shot.naive_bayes_vs_logistic.samples import draw_places, unit_range

    generator = np.random.default_rng(stream_seed(seed, f"sample {size}"))
    places = draw_places(features.pool_labels, size, settings.classes, generator)
    sample, test = unit_range(features.pool[places], features.test)
    rule = settings.fit()(sample, features.pool_labels[places], settings.classes)
    return error_percent(rule, test, features.test_labels)


def _facts(features: FeatureSet, settings: Settings, size: int) -> ProbeFacts:
    kept = ("dataset", "features", "learned_from", "outside_data", "dimension", "resolution")
    return ProbeFacts(
        **{name: getattr(features.facts, name) for name in kept},
        pool_examples=len(features.pool),
        test_examples=len(features.test),
        samples=size,
        tuned=settings.tuned,
    )
