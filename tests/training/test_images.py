from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from common.training.images import Standardise, pad_reflect, random_crop_flip


def some_images(count: int = 6, height: int = 7, width: int = 9, seed: int = 0) -> torch.Tensor:
    generator = np.random.default_rng(seed)
    return torch.from_numpy(generator.integers(0, 256, (count, height, width, 3), dtype=np.uint8))


def test_standardise_agrees_with_numpy() -> None:
    images = some_images()
    standardise = Standardise.of(images)
    array = images.numpy().astype(np.float64)
    mean, deviation = array.mean((0, 1, 2)), array.std((0, 1, 2))
    np.testing.assert_array_equal(standardise.mean.numpy(), mean.astype(np.float32))
    np.testing.assert_allclose(standardise.deviation.numpy(), deviation, rtol=1e-6)
    expected = ((array - mean) / deviation).transpose(0, 3, 1, 2)
    result = standardise(images)
    assert result.dtype == torch.float32
    assert result.is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_standardised_images_have_mean_zero_and_deviation_one() -> None:
    images = some_images(count=50)
    result = Standardise.of(images)(images).double()
    torch.testing.assert_close(result.mean((0, 2, 3)), torch.zeros(3, dtype=torch.float64), atol=1e-5, rtol=0)
    torch.testing.assert_close(
        result.std((0, 2, 3), correction=0), torch.ones(3, dtype=torch.float64), atol=1e-5, rtol=0
    )


def test_the_order_of_images_changes_no_bit_of_the_statistics() -> None:
    images = some_images(count=40)
    shuffled = images[torch.randperm(40, generator=torch.Generator().manual_seed(1))]
    assert torch.equal(Standardise.of(images).mean, Standardise.of(shuffled).mean)
    assert torch.equal(Standardise.of(images).deviation, Standardise.of(shuffled).deviation)


def test_standardise_needs_an_image() -> None:
    with pytest.raises(ValueError, match="at least one image"):
        Standardise.of(torch.zeros(0, 4, 4, 3, dtype=torch.uint8))


@pytest.mark.parametrize("margin", [0, 1, 4])
def test_padding_reflects_without_repeating_the_edge(margin: int) -> None:
    images = some_images()
    expected = np.pad(images.numpy(), ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="reflect")
    np.testing.assert_array_equal(pad_reflect(images, margin).numpy(), expected)


@settings(max_examples=50)
@given(
    count=st.integers(1, 5),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    seed=st.integers(0, 1000),
    data=st.data(),
)
def test_crops_are_those_of_a_loop_with_the_same_draws(
    count: int, height: int, width: int, seed: int, data: st.DataObject
) -> None:
    side = data.draw(st.integers(1, min(height, width)))
    images = some_images(count, height, width, seed)
    crops = random_crop_flip(images, side, torch.Generator().manual_seed(seed))

    draws = torch.Generator().manual_seed(seed)
    tops = torch.randint(height - side + 1, (count, 1), generator=draws).flatten().tolist()
    lefts = torch.randint(width - side + 1, (count, 1), generator=draws).flatten().tolist()
    mirrored = (torch.rand(count, 1, generator=draws) < 0.5).flatten().tolist()
    for image, crop, top, left, flip in zip(
        images.numpy(), crops.numpy(), tops, lefts, mirrored, strict=True
    ):
        expected = image[top : top + side, left : left + side]
        np.testing.assert_array_equal(crop, expected[:, ::-1] if flip else expected)


def test_every_place_and_both_sides_are_drawn() -> None:
    """A pixel's value is its place; 3 x 3 places of crops of 2 in 4, each mirrored or not: 18 outcomes."""
    places = torch.arange(16, dtype=torch.uint8).reshape(1, 4, 4, 1).expand(2000, 4, 4, 3)
    crops = random_crop_flip(places, 2, torch.Generator().manual_seed(0))
    outcomes, counts = torch.unique(crops[..., 0].reshape(2000, 4), dim=0, return_counts=True)
    assert len(outcomes) == 18
    assert counts.min() > 2000 / 18 * 0.6
    assert counts.max() < 2000 / 18 * 1.5


def test_a_crop_of_the_whole_image_is_the_image_or_its_mirror() -> None:
    images = some_images(height=5, width=5, count=20)
    for image, crop in zip(
        images, random_crop_flip(images, 5, torch.Generator().manual_seed(0)), strict=True
    ):
        assert torch.equal(crop, image) or torch.equal(crop, image.flip(1))
