from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.data.corruptions import ALL_CORRUPTIONS, SEVERITIES
from common.data.corruptions.batches import BLOCK, block_generator, corrupt
from common.strict import BadInputError

Bytes = NDArray[np.uint8]

DETERMINISTIC = {
    "defocus_blur",
    "zoom_blur",
    "brightness",
    "contrast",
    "pixelate",
    "jpeg_compression",
    "gaussian_blur",
    "saturate",
}
# Not glass, motion and snow, whose strengths don't grow in every way, nor those that move pixels or change
# their kind from one severity to the next.
GROWING = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "zoom_blur",
    "fog",
    "brightness",
    "contrast",
    "jpeg_compression",
    "speckle_noise",
    "gaussian_blur",
)


@pytest.mark.parametrize("corruption", ALL_CORRUPTIONS)
def test_the_same_seed_gives_the_same_bytes(corruption: str, images: Bytes, photographs: list[Bytes]) -> None:
    before = images.copy()
    first = corrupt(images, corruption, 3, 11, photographs)
    assert (first == corrupt(images, corruption, 3, 11, photographs)).all()
    other_seed = corrupt(images, corruption, 3, 12, photographs)
    assert (first == other_seed).all() == (corruption in DETERMINISTIC)
    assert (images == before).all()
    assert (first != images).any()


@pytest.mark.parametrize("corruption", ALL_CORRUPTIONS)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_other_shapes_keep_their_shape(
    corruption: str, severity: int, wide_images: Bytes, photographs: list[Bytes]
) -> None:
    result = corrupt(wide_images, corruption, severity, 0, photographs)
    assert result.shape == wide_images.shape
    assert result.dtype == np.uint8


@pytest.mark.parametrize("corruption", ["gaussian_noise", "glass_blur", "snow", "frost", "zoom_blur"])
def test_later_images_do_not_change_earlier_ones(
    corruption: str, images: Bytes, photographs: list[Bytes]
) -> None:
    many = np.resize(images, (BLOCK + 7, *images.shape[1:]))
    whole = corrupt(many, corruption, 5, 0, photographs)
    assert (whole[:BLOCK] == corrupt(many[:BLOCK], corruption, 5, 0, photographs)).all()


def test_blocks_are_drawn_anew(images: Bytes) -> None:
    many = np.resize(images, (2 * BLOCK, *images.shape[1:]))
    many[BLOCK:] = many[:BLOCK]
    noisy = corrupt(many, "gaussian_noise", 1, 0)
    assert (noisy[:BLOCK] != noisy[BLOCK:]).any()


def test_every_block_has_a_stream_of_its_own() -> None:
    keys = [(s, c, v, b) for s in (0, 1) for c in ALL_CORRUPTIONS for v in SEVERITIES for b in (0, 1)]
    assert len({block_generator(*key).integers(1 << 62) for key in keys}) == len(keys)


@pytest.mark.parametrize("corruption", GROWING)
def test_higher_severities_change_more(corruption: str, images: Bytes, photographs: list[Bytes]) -> None:
    many = np.resize(images, (40, *images.shape[1:]))
    results = [corrupt(many, corruption, severity, 0, photographs) for severity in SEVERITIES]
    changes = [np.abs(result - many.astype(float)).mean() for result in results]
    assert changes == sorted(changes)


def test_read_only_images_and_no_images_are_fine(images: Bytes) -> None:
    frozen = images.copy()
    frozen.setflags(write=False)
    assert (corrupt(frozen, "impulse_noise", 1, 0) == corrupt(images, "impulse_noise", 1, 0)).all()
    assert corrupt(images[:0], "fog", 1, 0).shape == (0, 32, 32, 3)


@pytest.mark.parametrize(
    ("corruption", "severity", "sentence"),
    [("fogg", 1, "Did you mean 'fog'"), ("fog", 6, "Severity 6 does not exist")],
)
def test_wrong_requests_are_told(images: Bytes, corruption: str, severity: int, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        corrupt(images, corruption, severity, 0)


def test_wrong_images_are_told(images: Bytes) -> None:
    with pytest.raises(BadInputError, match="not float64"):
        corrupt(images / 255.0, "fog", 1, 0)  # type: ignore[arg-type]
