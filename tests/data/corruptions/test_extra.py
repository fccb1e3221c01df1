from __future__ import annotations

import colorsys

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import correlate, gaussian_filter, uniform_filter

from common.data.corruptions import SEVERITIES
from common.data.corruptions.colour import change_saturation
from common.data.corruptions.extra import saturate, spatter
from common.data.corruptions.spattering import mud_masks, water_masks
from common.data.corruptions.strengths import strength

Bytes = NDArray[np.uint8]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_saturate_is_hsv_saturation_scaled(images: Bytes, severity: int) -> None:
    factor, added = strength("saturate", severity).values()
    result = saturate(images, severity, np.random.default_rng(0))
    for pixel, changed in zip(images[:2].reshape(-1, 3), result[:2].reshape(-1, 3), strict=True):
        hue, saturation, value = colorsys.rgb_to_hsv(*(pixel / 255))
        expected = colorsys.hsv_to_rgb(hue, min(factor * saturation + added, 1), value)
        assert changed.tolist() == [int(255 * channel + 1e-6) for channel in expected]


def test_greys_turn_red_where_saturation_is_added() -> None:
    greys = np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [1.0, 1.0, 1.0]])
    assert change_saturation(greys, 2.5, 0.2) == pytest.approx(
        np.array([[0.0, 0.0, 0.0], [0.5, 0.4, 0.4], [1.0, 0.8, 0.8]])
    )
    assert change_saturation(greys, 0.3, 0.0) == pytest.approx(greys)


def drops() -> NDArray[np.float64]:
    layers = np.zeros((2, 32, 32))
    layers[0, 5:12, 5:12] = 0.8
    layers[0, 20:24, 10:25] = 0.75
    return layers


def test_water_lies_on_drops_alone_and_reaches_full_opacity() -> None:
    masks = water_masks(drops())
    assert masks[0].max() == 1
    assert (masks >= 0).all()
    assert not masks[drops() == 0].any()


def equalised(levels: Bytes) -> NDArray[np.float64]:
    """Histogram equalisation by its definition: ranks, counted from above the lowest level present."""
    ranks = np.array([(levels <= level).sum() for level in range(256)])
    lowest = (levels == levels.min()).sum()
    return np.asarray(np.rint((ranks - lowest) * 255 / (levels.size - lowest))[levels])


def test_water_is_lit_like_a_relief() -> None:
    """Beyond edges and distances, which are OpenCV's, every step anew: depth, equalisation, embossing."""
    layer = np.round(drops()[0] * 255 - 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(255 - cv2.Canny(layer, 50, 150), cv2.DIST_L2, 5)
    depth = uniform_filter(np.minimum(distance, 20).astype(float), 3, mode="mirror")
    light = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    embossed = np.clip(correlate(equalised((depth + 1e-6).astype(np.uint8)), light, mode="mirror"), 0, 255)
    expected = layer * np.rint(uniform_filter(embossed, 3, mode="mirror"))
    assert water_masks(drops())[0] == pytest.approx(expected / expected.max(), abs=0.01)


def test_no_drops_leave_the_image_dry() -> None:
    assert not water_masks(drops())[1].any()
    assert water_masks(np.zeros((0, 32, 32))).shape == (0, 32, 32)


def test_mud_is_opaque_inside_and_gone_at_its_rim() -> None:
    masks = mud_masks(drops(), 0.7, 0.6)
    assert masks[0, 8, 8] == pytest.approx(1)
    assert masks[0, 4, 8] == 0
    assert ((masks == 0) | (masks >= 0.8)).all()


@pytest.mark.parametrize("severity", [4, 5])
def test_mud_covers_with_its_colour(severity: int) -> None:
    white = np.full((20, 32, 32, 3), 255, dtype=np.uint8)
    muddy = spatter(white, severity, np.random.default_rng(severity))
    mean, deviation, smoothing, threshold, softness, _ = strength("spatter", severity).values()
    noise = np.random.default_rng(severity).normal(mean, deviation, size=white.shape[:3])
    for layer, result in zip(noise, muddy, strict=True):
        splash = (gaussian_filter(layer, smoothing, mode="nearest") > threshold).astype(float)
        mask = gaussian_filter(splash, softness, mode="nearest")[:, :, np.newaxis]
        mask[mask < 0.8] = 0
        expected = 255 * (1 - mask) + np.array([63, 42, 20]) * mask
        assert (result == (expected + 1e-6).astype(np.uint8)).all()


@pytest.mark.parametrize("severity", [1, 2, 3])
def test_water_adds_pale_turquoise(severity: int) -> None:
    black = np.zeros((20, 32, 32, 3), dtype=np.uint8)
    wet = spatter(black, severity, np.random.default_rng(severity)).astype(float)
    brightest = wet.reshape(20, -1, 3).max(axis=1)
    intensity = strength("spatter", severity)["intensity"]
    assert brightest == pytest.approx(np.tile(np.floor(intensity * np.array([175, 238, 238])), (20, 1)))
