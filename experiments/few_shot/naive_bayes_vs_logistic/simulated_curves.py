"""Step `simulated_curves`: errors of a classifier on simulated classes at given numbers of samples.

Where the naive Bayes model is correct (`easy`), and where features are strongly correlated (`hard`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel, validate
from experiments.few_shot.naive_bayes_vs_logistic.classifiers import ClassifierSettings
from experiments.few_shot.naive_bayes_vs_logistic.facts import CurveFacts


class Settings(ClassifierSettings):
    """The classifier, and the test set's size."""

    test_examples: int = Field(ge=1)


class Point(StrictModel):
    """One place on a curve: a condition of the step."""

    covariance: Literal["easy", "hard", "fixed_bayes"]
    classes: int = Field(ge=2)
    features: int = Field(ge=2)
    samples: int = Field(ge=2)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the test error at each number of samples; a seed is a draw, the same for all classifiers."""
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.few_shot.naive_bayes_vs_logistic.gaussians import mixture
    from experiments.few_shot.naive_bayes_vs_logistic.rules import error_percent
    from experiments.few_shot.naive_bayes_vs_logistic.samples import draw_places

    fit = job.settings.fit()
    for condition in job.conditions:
        point = validate(Point, condition, f"Condition {condition}")
        classes = mixture(point.covariance, point.classes, point.features)
        generator = np.random.default_rng(stream_seed(job.seed, f"sample {point.samples}"))
        pool = np.arange(100 * point.features) % point.classes
        labels = pool[draw_places(pool, point.samples, point.classes, generator)]
        rule = fit(classes.sample(labels, generator), labels, point.classes)
        test_labels = np.arange(job.settings.test_examples) % point.classes
        test = classes.sample(test_labels, np.random.default_rng(stream_seed(job.seed, "test")))
        error = error_percent(rule, test, test_labels)
        bayes = classes.bayes_error_percent()
        yield Result(
            condition,
            metrics={"error_percent": error, "above_bayes_percent": error - bayes},
            protocol=CurveFacts(**point.model_dump(), test_examples=job.settings.test_examples),
        )
