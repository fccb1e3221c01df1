"""Grey images of 28 x 28, such as those of MNIST and Fashion-MNIST, under every corruption."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from common.data.arrays import load
from common.data.corruptions import ALL_CORRUPTIONS, SEVERITIES, one_by_one
from common.data.corruptions.batches import corrupt, function_of
from common.data.corruptions.greys import in_colour, in_grey
from common.data.corruptions.one_by_one import shrunk
from common.data.corruptions.settings import corrupted_settings
from common.data.corruptions.stage import make_corrupted
from common.data.prepare import write_prepared
from common.strict import BadInputError

Bytes = NDArray[np.uint8]

# Through hue and back, and in places solved one by one, a value at a whole level may fall on either side.
ROUNDED = {"brightness", "saturate", "elastic_transform"}


@pytest.fixture(scope="module")
def greys() -> Bytes:
    """Shapes on black, as in Fashion-MNIST: a disk, a frame and a gradient."""
    rows, columns = np.mgrid[:28, :28]
    disk = np.where((rows - 14) ** 2 + (columns - 12) ** 2 < 81, 220, 0)
    frame = np.where((abs(rows - 14) < 10) & (abs(columns - 14) < 10) & ((rows + columns) % 5 > 0), 150, 0)
    return np.stack([disk, frame, 9 * columns]).astype(np.uint8)


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    coarse = np.random.default_rng(2).integers(0, 256, size=(5, 30, 40, 3), dtype=np.uint8)
    return [cv2.imencode(".png", np.asarray(cv2.resize(one, (400, 300))))[1].tobytes() for one in coarse]


@pytest.mark.parametrize("corruption", ALL_CORRUPTIONS)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_batch_of_28_by_28_is_its_images(
    corruption: str, severity: int, greys: Bytes, files: list[bytes]
) -> None:
    loop: Callable[..., Any] = getattr(one_by_one, corruption)
    photographs = [shrunk(file) for file in files]
    if corruption == "frost":
        loop = partial(loop, photographs=photographs, files=files)
    images = in_colour(greys)
    expected = loop(images, severity, np.random.default_rng(1)).astype(int)
    found = function_of(corruption, photographs)(images, severity, np.random.default_rng(1))
    assert np.abs(found - expected).max() <= (corruption in ROUNDED)
    assert (found != expected).mean() < 0.001


@pytest.mark.parametrize("corruption", ALL_CORRUPTIONS)
def test_each_leaves_a_grey_image_of_the_same_size_changed(
    corruption: str, greys: Bytes, photographs: list[Bytes]
) -> None:
    results = [in_grey(corrupt(in_colour(greys), corruption, 5, seed, photographs)) for seed in (3, 3)]
    assert results[0].shape == greys.shape
    assert (results[0] == results[1]).all()
    # Colour alone is what saturation takes from: a grey image has none, but for the red that is added.
    assert (results[0] != greys).any()


def test_grey_and_back_is_the_image(greys: Bytes) -> None:
    assert (in_grey(in_colour(greys)) == greys).all()


def test_the_mean_of_the_channels_is_rounded() -> None:
    pixels = np.array([[[[0, 0, 1], [0, 1, 1], [255, 255, 255], [10, 20, 33]]]], dtype=np.uint8)
    assert in_grey(pixels).tolist() == [[[0, 1, 255, 21]]]


def test_a_grey_data_set_stays_grey(tmp_path: Path, greys: Bytes, photographs: list[Bytes]) -> None:
    labels = np.arange(len(greys), dtype=np.int64)
    write_prepared("fashion_mnist", [("test_images", greys), ("test_labels", labels)], tmp_path, {})
    pictures = [(f"frost{number}", picture) for number, picture in enumerate(photographs, 1)]
    write_prepared("frost_photographs", pictures, tmp_path, {})
    settings = corrupted_settings("fashion_mnist_corrupted").model_copy(update={"first": len(greys)})
    make_corrupted("fashion_mnist_corrupted", settings, tmp_path)
    arrays = load("fashion_mnist_corrupted", tmp_path)
    assert set(arrays) == {"labels"} | {f"{name}_5" for name in ALL_CORRUPTIONS}
    assert all(arrays[f"{name}_5"].shape == (3, 28, 28) for name in ALL_CORRUPTIONS)
    assert (arrays["fog_5"] == in_grey(corrupt(in_colour(greys), "fog", 5, 0))).all()


def test_images_smaller_than_28_are_refused(greys: Bytes) -> None:
    with pytest.raises(BadInputError, match="at least 28 pixels"):
        corrupt(in_colour(greys[:, 1:]), "fog", 5, 0)
