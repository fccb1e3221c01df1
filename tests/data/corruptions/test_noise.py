from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from common.data.corruptions import SEVERITIES
from common.data.corruptions.extra import speckle_noise
from common.data.corruptions.noise import gaussian_noise, impulse_noise, shot_noise

SHAPE = (100, 32, 32, 3)
LEVEL = 102  # 0.4 of full brightness: far from both ends, so that nothing is clipped
GREY = np.full(SHAPE, LEVEL, dtype=np.uint8)
TRUNCATION_MEAN, TRUNCATION_VARIANCE = 0.5, 1 / 12  # of a uniform remainder in [0, 1)

GAUSSIAN = (0.04, 0.06, 0.08, 0.09, 0.10)
PHOTONS = (500, 250, 100, 75, 50)
FRACTION = (0.01, 0.02, 0.03, 0.05, 0.07)
SPECKLE = (0.06, 0.1, 0.12, 0.16, 0.2)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_gaussian_noise_has_the_published_deviation(severity: int) -> None:
    noise = gaussian_noise(GREY, severity, np.random.default_rng(severity)) - float(LEVEL)
    expected = np.sqrt((255 * GAUSSIAN[severity - 1]) ** 2 + TRUNCATION_VARIANCE)
    assert noise.mean() == pytest.approx(-TRUNCATION_MEAN, abs=5 * expected / np.sqrt(noise.size))
    assert noise.std() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_speckle_noise_grows_with_the_value(severity: int) -> None:
    generator = np.random.default_rng(severity)
    for level in (51, 102):
        noisy = speckle_noise(np.full(SHAPE, level, dtype=np.uint8), severity, generator)
        expected = np.sqrt((level * SPECKLE[severity - 1]) ** 2 + TRUNCATION_VARIANCE)
        assert noisy.std() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_shot_noise_counts_photons(severity: int) -> None:
    noisy = shot_noise(GREY, severity, np.random.default_rng(severity)).astype(float)
    photons = PHOTONS[severity - 1]
    counts = np.arange(photons + 1)
    chance = poisson.pmf(counts, photons * LEVEL / 255)
    levels = counts * 255 // photons  # truncation of this lattice shifts mean and variance
    mean = chance @ levels
    deviation = np.sqrt(chance @ (levels - mean) ** 2)
    assert noisy.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(noisy.size))
    assert noisy.std() == pytest.approx(deviation, rel=0.01)
    assert set(np.unique(noisy)) <= set(levels)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_impulse_noise_is_half_salt_half_pepper(severity: int) -> None:
    noisy = impulse_noise(GREY, severity, np.random.default_rng(severity))
    half = FRACTION[severity - 1] / 2
    tolerance = 5 * np.sqrt(half / noisy.size)
    assert (noisy == 255).mean() == pytest.approx(half, abs=tolerance)
    assert (noisy == 0).mean() == pytest.approx(half, abs=tolerance)
    assert set(np.unique(noisy)) == {0, LEVEL, 255}


@pytest.mark.parametrize("corruption", [gaussian_noise, shot_noise, impulse_noise])
def test_channels_are_drawn_independently(corruption) -> None:  # type: ignore[no-untyped-def]
    noisy = corruption(GREY, 5, np.random.default_rng(0)).reshape(-1, 3).astype(float)
    correlations = np.corrcoef(noisy.T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(len(noisy))
