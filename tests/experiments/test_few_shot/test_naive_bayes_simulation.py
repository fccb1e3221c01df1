"""The simulation: Bayes errors beside Monte Carlo, sample sizes, the first that suffices, slopes."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.naive_bayes_vs_logistic import growth, simulated_curves, simulation
from experiments.few_shot.naive_bayes_vs_logistic.gaussians import (
    Covariance,
    Mixture,
    mixture,
    published_levels,
)
from experiments.few_shot.naive_bayes_vs_logistic.growth import log_log_slope
from experiments.few_shot.naive_bayes_vs_logistic.sample_sizes import sample_sizes

NAMES: dict[str, Any] = {"track": "t", "paper": "p", "scale": "quick", "step": "simulation", "method": "m"}


@pytest.mark.parametrize(("features", "published"), [(2, 0.110), (4, 0.057), (10, 0.0095), (20, 0.0006)])
def test_the_bayes_error_of_two_classes(features: int, published: float) -> None:
    """Phi(-sqrt(2 n + 2) / 2), worked out for n = 2, 4, 10, 20."""
    assert mixture("easy", 2, features).bayes_error_percent() / 100 == pytest.approx(published, rel=0.05)
    formula = math.erfc(math.sqrt(2 * features + 2) / 2 / math.sqrt(2)) / 2
    assert mixture("easy", 2, features).bayes_error_percent() / 100 == pytest.approx(formula)


def test_the_closest_pair_of_three_classes() -> None:
    """Phi(-1/2 sqrt((n + 1) / 2)) = 0.012 at n = 40, for the two thirds of examples beside that border."""
    assert mixture("easy", 3, 40).bayes_error_percent() / 100 == pytest.approx(0.0118 * 2 / 3, rel=0.02)


@pytest.mark.parametrize("covariance", ["easy", "hard", "fixed_bayes"])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_bayes_errors_agree_with_monte_carlo(covariance: Covariance, classes: int) -> None:
    """The best rule is written out with the covariance that 200,000 drawn examples have by construction."""
    world = mixture(covariance, classes, 4)
    labels = np.arange(200_000) % classes
    drawn = world.sample(labels, np.random.default_rng(1))
    axes = np.eye(4) if world.axes is None else world.axes
    inverse = np.linalg.inv(axes @ np.diag(world.variances) @ axes.T)
    means = np.repeat(world.levels[:, None], 4, axis=1)
    distances = np.stack([((drawn - mean) @ inverse * (drawn - mean)).sum(axis=1) for mean in means], axis=1)
    error = 100 * (distances.argmin(axis=1) != labels).mean()
    assert world.bayes_error_percent() == pytest.approx(error, abs=4 * 100 * 0.5 / math.sqrt(200_000))


def test_drawn_examples_have_the_hard_covariance() -> None:
    """Unlike the published matrix, the one drawn from is positive; it isn't diagonal."""
    world = mixture("hard", 2, 20)
    drawn = world.sample(np.zeros(100_000, dtype=np.int64), np.random.default_rng(0))
    assert world.axes is not None
    expected = world.axes @ np.diag(world.variances) @ world.axes.T
    np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.5)
    assert (world.variances > 0).all()
    assert np.abs(expected - np.diag(np.diag(expected))).max() > 1


@given(features=st.integers(1, 200).map(lambda half: 2 * half))
def test_the_fixed_bayes_error_is_that_of_ten_features(features: int) -> None:
    fixed = mixture("fixed_bayes", 2, features).bayes_error_percent()
    assert fixed == pytest.approx(mixture("easy", 2, 10).bayes_error_percent())


def test_levels_as_published() -> None:
    assert published_levels(5).tolist() == [-1, 1, 2, 4, 8]


def test_bad_worlds_are_refused_in_a_sentence() -> None:
    with pytest.raises(BadInputError, match=r"7 feature\(s\) don't divide into; make 'features' even"):
        mixture("easy", 2, 7)
    with pytest.raises(BadInputError, match=r"two classes or more, not 1"):
        mixture("easy", 1, 8)


def test_sample_sizes_step_as_published_and_by_a_factor() -> None:
    assert list(itertools.islice(sample_sizes(3, 100, None), 4)) == [6, 11, 16, 21]  # ceil(ln 100) = 5
    assert list(itertools.islice(sample_sizes(2, 100, 1.2), 5)) == [4, 5, 6, 8, 10]
    assert max(sample_sizes(2, 100, None)) <= 10_000


@given(exponent=st.floats(-1, 2), factor=st.floats(0.1, 10))
def test_slopes_are_exponents(exponent: float, factor: float) -> None:
    features = [100.0, 200.0, 400.0]
    samples = [factor * count**exponent for count in features]
    assert log_log_slope(features, samples) == pytest.approx(exponent, abs=1e-6)


def simulation_settings(**changes: Any) -> simulation.Settings:
    return simulation.Settings.model_validate(
        {
            "kind": "naive_bayes",
            "repeats": 3,
            "test_examples": 500,
            "growth": 1.3,
            "tolerance": 1.0,
            **changes,
        }
    )


def test_the_search_ends_at_the_first_size_whose_mean_error_is_low_enough() -> None:
    world, settings = mixture("easy", 2, 20), simulation_settings()
    samples, curve = simulation.search(world, settings, 0)
    target = world.bayes_error_percent() + 1
    assert curve[-1][0] == samples
    assert curve[-1][1] < target
    assert all(error >= target for _, error in curve[:-1])


def test_draws_left_out_decide_nothing() -> None:
    """The same search with every draw made, as the paper has it."""
    world, settings = mixture("easy", 3, 20), simulation_settings()
    draws = simulation._draws(world, settings, 4)
    means = {size: np.mean([draw(size) for draw in draws]) for size in sample_sizes(3, 20, 1.3) if size < 200}
    target = world.bayes_error_percent() + 1
    expected = next(size for size, mean in means.items() if mean < target)
    assert simulation.search(world, settings, 4)[0] == expected


def test_a_world_that_never_comes_close_is_told(tmp_path: Path) -> None:
    """Naive Bayes under strong correlation stays above its target up to 100 n."""
    condition = {"covariance": "hard", "classes": 2, "features": 10}
    job = Job(
        **NAMES,
        seed=0,
        settings=simulation_settings(tolerance=0.0001, growth=3.0),
        conditions=[condition],  # type: ignore[list-item]
        root=tmp_path,
        artefact=tmp_path / "needed.json",
    )
    (result,) = simulation.run(job)
    assert result.metrics["reached"] == 0.0
    assert (
        json.loads((tmp_path / "needed.json").read_text())[0]["samples"] == result.metrics["samples_needed"]
    )


def run_growth(counts: list[dict[str, Any]], folder: Path) -> list[Result]:
    path = folder / "needed.json"
    path.write_text(json.dumps(counts))
    conditions: list[Any] = [{"covariance": "easy", "classes": 2}]
    job = Job(
        **{**NAMES, "step": "growth"},
        seed=0,
        settings=growth.Settings(),
        conditions=conditions,
        root=folder,
        inputs={"simulation": path},
    )
    return list(growth.run(job))


def test_growth_reads_the_counts_of_its_world_alone(tmp_path: Path) -> None:
    world = {"covariance": "easy", "classes": 2, "repeats": 5}
    counts = [{**world, "features": n, "samples": 3 * n} for n in (100, 200)]
    (result,) = run_growth([*counts, {**world, "classes": 3, "features": 400, "samples": 1}], tmp_path)
    assert result.metrics["log_log_slope"] == pytest.approx(1)
    with pytest.raises(BadInputError, match=r"needs two numbers of features to tell a slope"):
        run_growth(counts[:1], tmp_path)


def test_curves_repeat_bit_by_bit_and_fall(tmp_path: Path) -> None:
    conditions: list[Any] = [
        {"covariance": "easy", "classes": 2, "features": 10, "samples": samples} for samples in (4, 400)
    ]
    settings = simulated_curves.Settings(kind="naive_bayes", test_examples=1000)
    job = Job(**NAMES, seed=3, settings=settings, conditions=conditions, root=tmp_path)
    few, many = (result.metrics["error_percent"] for result in simulated_curves.run(job))
    again = [result.metrics["error_percent"] for result in simulated_curves.run(job)]
    assert [few, many] == again
    assert few > many


def test_a_mixture_without_axes_is_diagonal() -> None:
    world = Mixture(np.array([0.0, 1.0]), np.array([4.0, 0.25]))
    assert world.separation() == pytest.approx(math.sqrt(1 / 4 + 4))
