from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates

from common.data.corruptions import SEVERITIES
from common.data.corruptions.digital import contrast, elastic_transform, jpeg_compression, pixelate
from common.data.corruptions.elastic import anchor_points, displace, smooth_displacement, warp_affine
from common.data.corruptions.strengths import strength

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
ANY = np.random.default_rng(0)


def sampled(image: Floats, rows: Floats, columns: Floats, mode: Literal["mirror", "reflect"]) -> Floats:
    """scipy's bilinear interpolation, one channel after the other."""
    channels = [map_coordinates(image[:, :, c], [rows, columns], order=1, mode=mode) for c in range(3)]
    return np.stack(channels, axis=-1)


def jittered_transforms(height: int, width: int, jitter: Floats) -> list[Floats]:
    anchors = anchor_points(height, width)
    pairs = [(anchors.astype(np.float32), (anchors + move).astype(np.float32)) for move in jitter]
    return [np.asarray(cv2.getAffineTransform(*pair), dtype=np.float64) for pair in pairs]


def test_anchors_lie_a_third_of_the_side_from_the_centre() -> None:
    assert anchor_points(32, 32).tolist() == [[26, 26], [26, 6], [6, 6]]
    assert anchor_points(28, 40).tolist() == [[29, 23], [29, 5], [11, 5]]


def test_affine_warp_is_that_of_the_anchors(wide_images: Bytes) -> None:
    count, height, width = wide_images.shape[:3]
    jitter = np.random.default_rng(3).uniform(-2.5, 2.5, size=(count, 3, 2))
    warped = warp_affine(wide_images / 255.0, jitter)
    rows, columns = np.mgrid[:height, :width]
    for number, matrix in enumerate(jittered_transforms(height, width, jitter)):
        back = cv2.invertAffineTransform(matrix)
        source_columns, source_rows = (back[i, 0] * columns + back[i, 1] * rows + back[i, 2] for i in (0, 1))
        expected = sampled(wide_images[number] / 255.0, source_rows, source_columns, "mirror")
        assert warped[number] == pytest.approx(expected, abs=1e-4)  # OpenCV's points are single precision


def test_affine_warp_is_opencvs_but_for_its_coarser_places(images: Bytes) -> None:
    """OpenCV rounds places to 1/32 pixel, so that smooth images differ by little."""
    smooth = gaussian_filter(images / 255.0, (0, 2, 2, 0))
    jitter = np.random.default_rng(3).uniform(-2.5, 2.5, size=(len(images), 3, 2))
    warped = warp_affine(smooth, jitter)
    for number, matrix in enumerate(jittered_transforms(32, 32, jitter)):
        expected = cv2.warpAffine(smooth[number], matrix, (32, 32), borderMode=cv2.BORDER_REFLECT_101)
        assert np.abs(warped[number] - expected).max() < 0.01


def test_no_jitter_no_warp(images: Bytes) -> None:
    assert warp_affine(images / 255.0, np.zeros((len(images), 3, 2))) == pytest.approx(images / 255.0)


def test_displacement_is_scipys_reflecting_interpolation(wide_images: Bytes) -> None:
    values = wide_images / 255.0
    down, right = np.random.default_rng(8).uniform(-9, 9, size=(2, *values.shape[:3]))
    moved = displace(values, down, right)
    rows, columns = np.mgrid[: values.shape[1], : values.shape[2]]
    for number, value in enumerate(values):
        expected = sampled(value, rows + down[number], columns + right[number], "reflect")
        assert moved[number] == pytest.approx(expected)


@pytest.mark.parametrize("deviation", [0.0, 0.96, 6.4])
def test_displacement_fields_are_blurred_one_by_one(deviation: float) -> None:
    fields = smooth_displacement((3, 28, 40), deviation, np.random.default_rng(1))
    noise = np.random.default_rng(1).uniform(-1, 1, size=(3, 28, 40))
    for field, layer in zip(fields, noise, strict=True):
        expected = layer if deviation == 0 else gaussian_filter(layer, deviation, truncate=3)
        assert field == pytest.approx(expected)


@pytest.mark.parametrize(("severity", "deviation", "amplitude"), [(1, 0, 0), (3, 1.92, 2.56), (5, 0.96, 3.2)])
def test_elastic_strengths_are_in_sides(
    images: Bytes, severity: int, deviation: float, amplitude: float
) -> None:
    generator = np.random.default_rng(2)
    jitter = 32 * strength("elastic_transform", severity)["jitter"]
    warped = warp_affine(images / 255.0, generator.uniform(-jitter, jitter, size=(len(images), 3, 2)))
    right = amplitude * smooth_displacement(images.shape[:3], deviation, generator)
    down = amplitude * smooth_displacement(images.shape[:3], deviation, generator)
    expected = (255 * displace(warped, down, right) + 1e-6).astype(np.uint8)
    difference = elastic_transform(images, severity, np.random.default_rng(2)) - expected.astype(int)
    assert np.count_nonzero(difference) <= 2


@pytest.mark.parametrize("severity", SEVERITIES)
def test_contrast_keeps_the_mean_of_each_channel(images: Bytes, severity: int) -> None:
    factor = strength("contrast", severity)["factor"]
    result = contrast(images, severity, ANY)
    for number, image in enumerate(images):
        mean = image.reshape(-1, 3).mean(axis=0)
        expected = factor * image + (1 - factor) * mean
        assert (result[number] == (expected + 1e-6).astype(np.uint8)).all()


@pytest.mark.parametrize(("severity", "side"), [(1, 30), (2, 28), (3, 27), (4, 24), (5, 20)])
def test_pixelate_is_pillows_box_resize_of_single_images(images: Bytes, severity: int, side: int) -> None:
    for image, result in zip(images, pixelate(images, severity, ANY), strict=True):
        small = Image.fromarray(image).resize((side, side), Image.Resampling.BOX)
        assert (result == np.asarray(small.resize((32, 32), Image.Resampling.BOX))).all()


def test_pixelate_keeps_height_and_width_apart(wide_images: Bytes) -> None:
    for image, result in zip(wide_images, pixelate(wide_images, 5, ANY), strict=True):
        small = Image.fromarray(image).resize((26, 18), Image.Resampling.BOX)
        assert (result == np.asarray(small.resize((40, 28), Image.Resampling.BOX))).all()


def test_jpeg_agrees_with_another_codec(images: Bytes) -> None:
    """OpenCV writes and reads JPEG by its own copy of the library, at the same quality and subsampling."""
    smooth = gaussian_filter(images.astype(float), (0, 2, 2, 0)).astype(np.uint8)
    for image, result in zip(smooth, jpeg_compression(smooth, 5, ANY), strict=True):
        code = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
        expected = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=int)[:, :, ::-1]
        assert np.abs(result - expected).mean() < 0.5
