"""Each corruption of a batch gives what the loop over its images gives, with the same random numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from common.data.corruptions import ALL_CORRUPTIONS, SEVERITIES, one_by_one
from common.data.corruptions.batches import PIECE, function_of
from common.data.corruptions.one_by_one import shrunk

Bytes = NDArray[np.uint8]

# Through hue and back, and in places solved one by one, a value at a whole level may fall on either side.
ROUNDED = {"brightness", "saturate", "elastic_transform"}


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    coarse = np.random.default_rng(2).integers(0, 256, size=(5, 30, 40, 3), dtype=np.uint8)
    return [cv2.imencode(".png", np.asarray(cv2.resize(one, (400, 300))))[1].tobytes() for one in coarse]


@pytest.mark.parametrize("corruption", ALL_CORRUPTIONS)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_batch_is_its_images(corruption: str, severity: int, images: Bytes, files: list[bytes]) -> None:
    loop: Callable[..., Any] = getattr(one_by_one, corruption)
    photographs = [shrunk(file) for file in files]
    if corruption == "frost":
        loop = partial(loop, photographs=photographs, files=files)
    expected = loop(images[:3], severity, np.random.default_rng(1)).astype(int)
    found = function_of(corruption, photographs)(images[:3], severity, np.random.default_rng(1))
    assert np.abs(found - expected).max() <= (corruption in ROUNDED)
    assert (found != expected).mean() < 0.001


@pytest.mark.parametrize("corruption", [name for name in ALL_CORRUPTIONS if name != "frost"])
def test_pieces_give_the_bytes_of_the_whole(corruption: str, images: Bytes) -> None:
    many = np.resize(images, (2 * PIECE + 3, *images.shape[1:]))
    function = function_of(corruption)
    whole = function.args[0] if isinstance(function, partial) else function
    for severity in (1, 5):
        found = function(many, severity, np.random.default_rng(4))
        assert (found == whole(many, severity, np.random.default_rng(4))).all()
