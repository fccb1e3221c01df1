"""Batches against a naive implementation that handles one image at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def image_set(
    count: int = 11, height: int = 6, width: int = 5, channels: int = 3, margin: int = 0
) -> ImageSet:
    """No pixel is black, so that a margin shows."""
    shape = (count, height, width, channels)
    images = torch.randint(1, 256, shape, generator=generator(7), dtype=torch.uint8)
    return ImageSet(images, torch.arange(count) % 4, Standardise.of(images), margin)


def as_bytes(data: ImageSet, batch: Tensor) -> Tensor:
    """Standardised images `[batch, channels, h, w]` back to bytes `[batch, h, w, channels]`."""
    pixels = batch.permute(0, 2, 3, 1) * data.standardise.deviation + data.standardise.mean
    return pixels.round().to(torch.uint8)


def naive_crop(image: Tensor, margin: int, top: int, left: int, mirrored: bool) -> Tensor:
    """RandomCrop(size, padding=margin), then a flip: of one image `[h, w, channels]`, black around it."""
    height, width, _ = image.shape
    planes = F.pad(image.permute(2, 0, 1), (margin, margin, margin, margin))
    crop = planes[:, top : top + height, left : left + width]
    return (crop.flip(2) if mirrored else crop).permute(1, 2, 0)


@pytest.mark.parametrize(("margin", "channels"), [(1, 3), (4, 3), (4, 1)])
def test_crops_are_those_of_one_image_at_a_time_with_the_same_draws(margin: int, channels: int) -> None:
    data = image_set(margin=margin, channels=channels)
    draws = generator()
    order = torch.randperm(len(data), generator=draws)
    top, left = (torch.randint(2 * margin + 1, (len(data),), generator=draws) for _ in range(2))
    mirrored = torch.rand(len(data), generator=draws) < 0.5
    assert 0 < mirrored.sum() < len(data)
    place = 0
    for batch in data.shuffled(4, generator()):
        assert batch.images.dtype == torch.float32
        assert torch.equal(batch.places, order[place : place + 4])
        assert torch.equal(batch.labels, data.labels[batch.places])
        for crop, i in zip(as_bytes(data, batch.images), batch.places.tolist(), strict=True):
            expected = naive_crop(data.images[i], margin, int(top[i]), int(left[i]), bool(mirrored[i]))
            assert torch.equal(crop, expected)
        place += 4


def test_offsets_and_mirrors_are_uniform() -> None:
    """4,500 images whose one bright pixel tells where the window lay: 9 offsets, two mirrors."""
    images = torch.ones(4500, 3, 3, 1, dtype=torch.uint8)
    images[:, 1, 1], images[:, 1, 2] = 100, 200
    data = ImageSet(images, torch.zeros(4500, dtype=torch.int64), Standardise.of(images), margin=1)
    (batch,) = data.shuffled(4500, generator())
    pixels = as_bytes(data, batch.images)[..., 0]
    kinds, counts = torch.unique(pixels.flatten(1), dim=0, return_counts=True)
    assert len(kinds) == 18
    expected = 4500 / 18
    chi_squared = float(((counts - expected) ** 2 / expected).sum())
    assert chi_squared < 40.8  # the 99.9 % quantile at 17 degrees of freedom


def test_without_a_margin_images_are_untouched_and_no_more_chance_is_drawn() -> None:
    data, draws = image_set(), generator()
    for batch in data.shuffled(4, draws):
        assert torch.equal(batch.images, data.standardise(data.images[batch.places]))
    expected = generator()
    torch.randperm(len(data), generator=expected)
    assert torch.equal(draws.get_state(), expected.get_state())


def test_clean_images_come_in_order_and_are_never_augmented() -> None:
    data = image_set(margin=4)
    batches = list(data.clean(4))
    assert [len(batch.labels) for batch in batches] == [4, 4, 3]
    assert torch.equal(torch.cat([batch.places for batch in batches]), torch.arange(11))
    assert torch.equal(torch.cat([batch.images for batch in batches]), data.standardise(data.images))


def test_batches_are_channels_last_also_when_cropped() -> None:
    for margin in (0, 2):
        for batch in image_set(margin=margin).shuffled(4, generator()):
            assert batch.images.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(("count", "sizes"), [(9, [4, 4]), (10, [4, 4, 2]), (8, [4, 4]), (3, [3]), (1, [1])])
def test_a_last_batch_of_one_image_is_left_out(count: int, sizes: list[int]) -> None:
    batches = list(image_set(count).shuffled(4, generator()))
    assert [len(batch.labels) for batch in batches] == sizes
    assert len(torch.cat([batch.places for batch in batches]).unique()) == sum(sizes)


@pytest.mark.parametrize("margin", [0, 2])
def test_an_epoch_repeats_bit_by_bit_hangs_on_its_generator_and_on_nothing_else(margin: int) -> None:
    def epoch(seed: int) -> Tensor:
        return torch.cat([batch.images for batch in image_set(margin=margin).shuffled(4, generator(seed))])

    before = torch.random.get_rng_state()
    first = epoch(0)
    torch.rand(3)
    assert torch.equal(epoch(0), first)
    assert not torch.equal(epoch(1), first)
    torch.random.set_rng_state(before)
    epoch(0)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_all_chance_of_an_epoch_is_drawn_before_its_first_batch() -> None:
    draws = generator()
    epoch = image_set(margin=2).shuffled(4, draws)
    next(epoch)
    state = draws.get_state()
    list(epoch)
    assert torch.equal(draws.get_state(), state)


def test_subsets_relabelled_and_joined_sets_hold_what_they_say() -> None:
    data = image_set(margin=2)
    places = torch.tensor([7, 2, 2])
    part = data.subset(places)
    assert torch.equal(part.images, data.images[places])
    assert torch.equal(part.labels, torch.tensor([3, 2, 2]))
    other = part.with_labels(torch.tensor([0, 1, 0], dtype=torch.int32))
    assert other.labels.tolist() == [0, 1, 0]
    assert other.labels.dtype == torch.int64
    assert part.labels.tolist() == [3, 2, 2]
    whole = other.joined(data)
    assert len(whole) == 14
    assert torch.equal(whole.images, torch.cat([part.images, data.images]))
    assert whole.labels.tolist() == [0, 1, 0, *data.labels.tolist()]
    for made in (part, other, whole):
        assert made.margin == 2
        assert made.standardise is data.standardise


CHANGES: dict[str, Callable[[ImageSet], ImageSet]] = {
    "subset": lambda data: data.subset(torch.tensor([4, 3, 9])),
    "with_labels": lambda data: data.with_labels(data.labels.flip(0)),
    "joined": lambda data: data.joined(data.subset(torch.tensor([0]))),
    "replaced margin": lambda data: replace(data, margin=3),
    "no margin": lambda data: replace(data, margin=0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_set_crops_its_own_images_though_another_was_cropped_before(change: str) -> None:
    used, unused = image_set(margin=1), image_set(margin=1)
    list(used.shuffled(4, generator()))
    for ours, expected in zip(
        CHANGES[change](used).shuffled(4, generator()),
        CHANGES[change](unused).shuffled(4, generator()),
        strict=True,
    ):
        assert torch.equal(ours.images, expected.images)
        assert torch.equal(ours.labels, expected.labels)


def test_labels_of_another_number_are_refused() -> None:
    with pytest.raises(BadInputError, match=r"11 images can't take labels of the shape \[3\]\."):
        image_set().with_labels(torch.zeros(3))
