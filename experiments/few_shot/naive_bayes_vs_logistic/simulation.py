"""Step `simulation`: the first number of samples at which a classifier comes close to the Bayes error.

Section 5.1 of Zheng et al. 2023: sample sizes from 2 K up to 100 n; the answer is the first at which the mean
test error of several draws is below the Bayes error plus one point.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, validate
from experiments.few_shot.naive_bayes_vs_logistic.classifiers import ClassifierSettings
from experiments.few_shot.naive_bayes_vs_logistic.facts import SimulationFacts
from experiments.few_shot.naive_bayes_vs_logistic.sample_sizes import sample_sizes

if TYPE_CHECKING:
    from experiments.few_shot.naive_bayes_vs_logistic.gaussians import Mixture


class Settings(ClassifierSettings):
    """The classifier, and how closely it is looked at.

    Attributes:
        growth: factor between sample sizes; null: the paper's steps of ceil(ln n).
        tolerance: points above the Bayes error that count as having come close.
    """

    repeats: int = Field(ge=1)
    test_examples: int = Field(ge=1)
    growth: float | None = Field(gt=1)
    tolerance: float = Field(gt=0)


class World(StrictModel):
    """One simulation: a condition of the step."""

    covariance: Literal["easy", "hard", "fixed_bayes"]
    classes: int = Field(ge=2)
    features: int = Field(ge=2)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the samples needed in each world; all of them together are the artefact, for the slopes."""
    from experiments.few_shot.naive_bayes_vs_logistic.gaussians import mixture

    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its counts in: name it needed.json."
        )
    needed = []
    for condition in job.conditions:
        world = validate(World, condition, f"Condition {condition}")
        classes = mixture(world.covariance, world.classes, world.features)
        samples, curve = search(classes, job.settings, job.seed)
        needed.append({**condition, "samples": samples, "repeats": job.settings.repeats})
        yield Result(
            condition,
            metrics={
                "samples_needed": float(samples),
                "samples_per_feature": samples / world.features,
                "reached": float(curve[-1][1] < classes.bayes_error_percent() + job.settings.tolerance),
                "bayes_error_percent": classes.bayes_error_percent(),
            },
            protocol=_facts(world, job.settings),
            curves={"samples": [at for at, _ in curve], "error_percent": [error for _, error in curve]},
        )
    job.artefact.write_text(json.dumps(needed))


def search(classes: Mixture, settings: Settings, seed: int) -> tuple[int, list[tuple[float, float]]]:
    """The first sample size that suffices, or the last tried, and the errors met on the way.

    An error so far above the target that no further draws could bring the mean below it stands alone: what is
    decided is the same, and what is shown of that size is the mean of the draws made.
    """
    target = classes.bayes_error_percent() + settings.tolerance
    draws = _draws(classes, settings, seed)
    curve: list[tuple[float, float]] = []
    for size in sample_sizes(classes.classes, len(classes.variances), settings.growth):
        errors: list[float] = []
        for draw in draws:
            errors.append(draw(size))
            if sum(errors) >= target * settings.repeats:
                break
        curve.append((float(size), sum(errors) / len(errors)))
        if sum(errors) < target * settings.repeats:
            break
    return int(curve[-1][0]), curve


def _draws(classes: Mixture, settings: Settings, seed: int) -> list[Callable[[int], float]]:
    """For each repeat the test error, in percent, after learning from a fresh sample of a given size.

    Labels are drawn from 100 n balanced ones, without replacement, and features for them: what the paper
    draws from a stored training set. The test set of a repeat is one, balanced.
    """
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.few_shot.naive_bayes_vs_logistic.rules import error_percent
    from experiments.few_shot.naive_bayes_vs_logistic.samples import draw_places

    pool = np.arange(100 * len(classes.variances)) % classes.classes
    test_labels = np.arange(settings.test_examples) % classes.classes
    fit = settings.fit()

    def draw_of(repeat: int) -> Callable[[int], float]:
        test_generator = np.random.default_rng(stream_seed(seed, f"test {repeat}"))
        test = classes.sample(test_labels, test_generator)

        def error_at(size: int) -> float:
            generator = np.random.default_rng(stream_seed(seed, f"sample {repeat} {size}"))
            labels = pool[draw_places(pool, size, classes.classes, generator)]
            rule = fit(classes.sample(labels, generator), labels, classes.classes)
            return error_percent(rule, test, test_labels)

        return error_at

    return [draw_of(repeat) for repeat in range(settings.repeats)]


def _facts(world: World, settings: Settings) -> SimulationFacts:
    return SimulationFacts(
        **world.model_dump(),
        test_examples=settings.test_examples,
        tolerance_points=settings.tolerance,
        repeats=settings.repeats,
        grid="steps of ceil(ln n)" if settings.growth is None else f"times {settings.growth:g}",
    )
