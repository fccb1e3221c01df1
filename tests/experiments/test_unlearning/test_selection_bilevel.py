"""The bi-level search on toys whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.unlearning.challenging_forgets.bilevel import (
    Selection,
    binary_start,
    select,
    uniform_start,
    unlearned,
)
from experiments.unlearning.challenging_forgets.settings import BilevelSettings
from experiments.unlearning.challenging_forgets.units import Units
from experiments.unlearning.forget_sets import highest, lowest

COUNT, CHOSEN = 40, 4
STILL = 1e-30  # a lower step that moves no float32 parameter of this size
RANDOM = torch.tensor([2, 3, 5, 7])


class Linear(nn.Module):
    """Logits (-x, x) of one pixel x: the loss of label 1 falls with x, that of label 0 rises."""

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[-weight], [weight]]))

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T


def image_set(pixels: np.ndarray, labels: np.ndarray) -> ImageSet:
    """Pixels 0 to 255 become x = (pixel - 128) / 64."""
    standardise = Standardise(torch.tensor([128.0]), torch.tensor([64.0]))
    bytes_ = torch.from_numpy(pixels.astype(np.uint8)).reshape(-1, 1, 1, 1)
    return ImageSet(bytes_, torch.from_numpy(labels.astype(np.int64)), standardise)


def toy() -> tuple[ImageSet, Tensor]:
    """Images of both labels in shuffled order, no two equally sure, and their losses, softplus(-2 x y)."""
    places = np.random.default_rng(0).permutation(COUNT)
    labels, sureness = places % 2, 64 + 4 * places  # sureness in 64..220
    pixels = np.where(labels == 1, sureness, 256 - sureness)
    margin = 2 * (sureness - 128) / 64
    return image_set(pixels, labels), torch.from_numpy(np.log1p(np.exp(-margin)))


def settings(**changes: Any) -> BilevelSettings:
    common = {"upper_iterations": 3, "upper_step": 0.01, "lower_epochs": 1, "lower_step": STILL}
    return BilevelSettings(**{**common, "ridge": 0.0, "batch_size": 16, **changes})


def search(start: Tensor, seed: int = 0, data: ImageSet | None = None, **changes: Any) -> Selection:
    chance = torch.Generator().manual_seed(seed)
    images = toy()[0] if data is None else data
    return select(Linear(), images, Units.images(COUNT), RANDOM, start, settings(**changes), chance)


@pytest.mark.parametrize("upper_step", [1e-3, 1.0, 100.0])
def test_where_the_network_stands_still_the_lowest_losses_win(upper_step: float) -> None:
    _, losses = toy()
    found = search(uniform_start(COUNT, CHOSEN), upper_step=upper_step)
    assert torch.equal(highest(found.weights, CHOSEN), lowest(losses, CHOSEN))
    assert float(found.weights.sum()) == pytest.approx(CHOSEN)


def test_one_upper_iteration_by_hand() -> None:
    """No weight meets a bound, so the projection takes off the mean of what was added."""
    _, losses = toy()
    start = uniform_start(COUNT, CHOSEN) + torch.linspace(-0.02, 0.02, COUNT, dtype=torch.float64)
    found = search(start, upper_iterations=1, upper_step=0.01, ridge=0.5)
    moved = start - 0.01 * (losses + 2 * 0.5 * start)
    expected = moved - moved.mean() + CHOSEN / COUNT
    torch.testing.assert_close(found.weights, expected, rtol=0, atol=1e-8)  # logits are float32
    assert found.curves["chosen_loss"] == [pytest.approx(float(losses[highest(expected, CHOSEN)].mean()))]


def test_from_a_random_set_a_small_step_returns_that_set_and_a_large_one_the_lowest_losses() -> None:
    """The total movement is about T α times the differences of losses, and 0 and 1 are 1 apart."""
    _, losses = toy()
    start = binary_start(COUNT, RANDOM)
    small, large = search(start, upper_step=1e-3), search(start, upper_step=100.0)
    assert torch.equal(highest(small.weights, CHOSEN), RANDOM)
    assert small.curves["overlap_with_random"] == [100, 100, 100]
    assert torch.equal(highest(large.weights, CHOSEN), lowest(losses, CHOSEN))


def test_a_search_repeats_bit_by_bit() -> None:
    runs = [search(uniform_start(COUNT, CHOSEN), lower_step=0.01) for _ in range(2)]
    assert torch.equal(runs[0].weights, runs[1].weights)
    assert runs[0].curves == runs[1].curves
    other = search(uniform_start(COUNT, CHOSEN), seed=1, lower_step=0.01, batch_size=4)
    assert not torch.equal(other.weights, runs[0].weights)


def test_permuted_images_permute_the_selection() -> None:
    """With all images in one batch no order is left but that of a sum."""
    data, _ = toy()
    order = torch.randperm(COUNT, generator=torch.Generator().manual_seed(3))
    changes: dict[str, Any] = {"batch_size": COUNT, "lower_step": 0.05}
    plain = search(uniform_start(COUNT, CHOSEN), **changes)
    permuted = search(uniform_start(COUNT, CHOSEN), data=data.subset(order), **changes)
    torch.testing.assert_close(permuted.weights, plain.weights[order], rtol=0, atol=1e-9)
    moved = order[highest(permuted.weights, CHOSEN)].sort().values
    assert torch.equal(moved, highest(plain.weights, CHOSEN))


def test_the_original_is_left_as_it_was_and_every_iteration_starts_from_it() -> None:
    data, original = toy()[0], Linear().eval()
    before = original.weight.detach().clone()
    chance = torch.Generator().manual_seed(0)
    start = uniform_start(COUNT, CHOSEN)
    # α so small that the weights stay: all iterations then do the same, if each starts from the original.
    changes = settings(lower_step=0.1, upper_step=1e-12, upper_iterations=4, batch_size=COUNT)
    found = select(original, data, Units.images(COUNT), RANDOM, start, changes, chance)
    assert torch.equal(original.weight, before)
    assert not original.training
    assert found.curves["chosen_loss"] == pytest.approx([found.curves["chosen_loss"][0]] * 4, rel=1e-5)


def test_the_lower_level_moves_every_weight_by_the_step_against_the_sign() -> None:
    """At x > 0 label 1 wants a larger second weight, label 0 a smaller one: what is kept decides."""
    data = image_set(np.array([192, 192, 192]), np.array([1, 1, 0]))
    for kept, sign in (((1.0, 1.0, 0.0), 1), ((0.0, 0.0, 1.0), -1)):
        chance = torch.Generator().manual_seed(0)
        changes = settings(lower_step=0.25, lower_epochs=2, batch_size=3)
        network = unlearned(Linear(), data, torch.tensor(kept), changes, chance)
        moved = sign * 2 * 0.25
        assert network.get_parameter("weight").flatten().tolist() == [-1 - moved, 1 + moved]


def test_where_nothing_is_kept_nothing_moves() -> None:
    data, _ = toy()
    chance = torch.Generator().manual_seed(0)
    network = unlearned(Linear(), data, torch.zeros(COUNT), settings(lower_step=0.5), chance)
    assert torch.equal(network.get_parameter("weight"), Linear().weight)


def test_retain_accuracy_counts_each_image_by_what_is_left_of_it() -> None:
    """Of the forty images sixteen are on the wrong side (sureness below 128); one at exactly 0 is a tie."""
    data, _ = toy()
    logits = Linear()(data.standardise(data.images))
    wrong = (logits.argmax(dim=1) != data.labels).nonzero().flatten()
    chosen = wrong[:CHOSEN].sort().values
    found = search(binary_start(COUNT, chosen), upper_iterations=1)
    expected = 100 * (COUNT - len(wrong)) / (COUNT - CHOSEN)
    assert found.curves["retain_accuracy"] == [pytest.approx(expected)]


def test_a_loss_that_is_not_finite_is_refused() -> None:
    with pytest.raises(BadInputError, match="lower 'lower_step'"):
        search(uniform_start(COUNT, CHOSEN), lower_step=3e38, upper_iterations=2)


def test_classes_are_ranked_by_their_mean_loss_whatever_their_size() -> None:
    """Class 1 has the higher mean, but fewer images and so the lower sum."""
    labels = np.array([0] * 30 + [1] * 3)
    pixels = np.where(labels == 0, 64, 160)  # x = -1 for class 0 and 0.5 for class 1: losses 0.127 and 0.313
    data, units = image_set(pixels, labels), Units.classes(torch.from_numpy(labels), 2)
    start, random = uniform_start(2, 1), torch.tensor([1])
    found = select(Linear(), data, units, random, start, settings(), torch.Generator().manual_seed(0))
    assert highest(found.weights, 1).tolist() == [0]
    difference = np.log1p(np.exp(-1.0)) - np.log1p(np.exp(-2.0))
    assert float(found.weights[0] - found.weights[1]) == pytest.approx(3 * 0.01 * difference, rel=1e-5)
    assert units.places(torch.tensor([1])).tolist() == [30, 31, 32]


def test_the_lower_level_forgets_a_class_by_its_weight() -> None:
    """Class 1 is forgotten, so that the images of class 0, at x > 0 too, decide where the weights go."""
    labels = np.array([0, 1, 1, 1])
    data, units = image_set(np.full(4, 192), labels), Units.classes(torch.from_numpy(labels), 2)
    start = binary_start(2, torch.tensor([1]))
    changes = settings(lower_step=0.5, upper_iterations=1, upper_step=1e-3, batch_size=4)
    random = torch.tensor([1])
    found = select(Linear(), data, units, random, start, changes, torch.Generator().manual_seed(0))
    # The weights go from (-1, 1) to (-0.5, 0.5): class 1, still chosen, has loss log(1 + exp(-1)).
    assert found.curves["chosen_loss"] == [pytest.approx(np.log1p(np.exp(-1.0)), rel=1e-5)]


def test_a_class_without_images_is_refused() -> None:
    with pytest.raises(BadInputError, match="no training image of class 1, 3"):
        Units.classes(torch.tensor([0, 2, 2]), 4)
