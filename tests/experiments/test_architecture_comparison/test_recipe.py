"""Training under a recipe: it learns, repeats bit by bit, goes on after a kill, and refuses what can't be."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.architecture_comparison.augmentation import (
    POSTERISE,
    Mixing,
    bits_kept,
    erase,
    random_augmentation,
    random_augmented,
)
from experiments.architecture_comparison.recipe import Training, accuracy, optimiser
from experiments.architecture_comparison.settings import ComparisonSettings, RecipeSettings

EVERYTHING = {"mixup": 0.8, "cutmix": 1.0, "erasing": 0.25, "random_augment": True, "label_smoothing": 0.1}


def recipe(**changes: Any) -> RecipeSettings:
    return RecipeSettings.model_validate({"name": "toy", "epochs": 3, "batch_size": 20} | changes)


def coloured(count: int = 40, side: int = 8) -> ImageSet:
    """Squares of two colours under noise."""
    draws = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % 2
    pixels = (
        60 + 120 * labels[:, None, None, None] + torch.randint(40, (count, side, side, 3), generator=draws)
    )
    images = pixels.to(torch.uint8)
    return ImageSet(images, labels, Standardise.of(images), margin=1)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.1), nn.Linear(144, 2)
    )


def learned(
    settings: RecipeSettings, rate: float = 0.01, progress: Any = None
) -> tuple[nn.Module, list[float]]:
    trained = network()
    return trained, Training(trained, settings, rate, seed=3).run(coloured(), progress)


@pytest.mark.parametrize(
    ("name", "rate"), [("adamw", 0.01), ("sgd", 0.05), ("adadelta", 0.5), ("lamb", 0.02)]
)
def test_every_optimiser_learns(name: str, rate: float) -> None:
    trained, losses = learned(recipe(optimiser=name, epochs=6), rate)
    assert losses[-1] < losses[0]
    assert accuracy(trained, coloured()) == 100.0


@pytest.mark.parametrize("changes", [{}, EVERYTHING])
def test_it_repeats_bit_by_bit(changes: dict[str, Any]) -> None:
    first, losses = learned(recipe(**changes))
    torch.rand(5)  # what others draw is no matter
    second, again = learned(recipe(**changes))
    assert losses == again
    assert all(map(torch.equal, first.parameters(), second.parameters()))


class KilledError(Exception):
    """A kill after the second epoch."""


class Kept:
    """Progress that keeps states in memory, and may be killed."""

    def __init__(self, killed_at: int | None = None) -> None:
        self.state: Any = None
        self.killed_at = killed_at

    def load(self) -> Any:
        return self.state

    def save(self, state: Any) -> None:
        copied = state()
        self.state = {
            "network": {name: value.clone() for name, value in copied["network"].items()},
            "optimiser": copied["optimiser"],
            "losses": [*copied["losses"]],
        }
        if len(copied["losses"]) == self.killed_at:
            raise KilledError


@pytest.mark.parametrize("changes", [{}, EVERYTHING])
def test_after_a_kill_it_goes_on_as_it_would_have(changes: dict[str, Any]) -> None:
    whole, losses = learned(recipe(**changes))
    kept = Kept(killed_at=2)
    with pytest.raises(KilledError):
        learned(recipe(**changes), progress=kept)
    kept.killed_at = None
    resumed, again = learned(recipe(**changes), progress=kept)
    assert losses == again
    assert all(map(torch.equal, whole.parameters(), resumed.parameters()))


def test_a_gradient_of_all_parameters_is_cut_to_its_norm() -> None:
    """One step of plain descent moves the parameters by rate times the norm, where the gradient is longer."""
    moved = {}
    for largest in (None, 1000.0, 0.25):
        changes = {"optimiser": "sgd", "momentum": 0.0, "schedule": "constant", "weight_decay": 0.0}
        start = network()
        settings = recipe(**changes, epochs=1, batch_size=40, largest_gradient=largest)
        trained, _ = learned(settings, rate=0.1)
        steps = [a - b for a, b in zip(trained.parameters(), start.parameters(), strict=True)]
        moved[largest] = float(torch.cat([step.detach().flatten() for step in steps]).norm())
    assert moved[None] == moved[1000.0] > 0.05
    assert moved[0.25] == pytest.approx(0.025, rel=1e-4)


def test_matrices_alone_decay() -> None:
    decayed, spared = optimiser(network(), recipe(), 0.1).param_groups
    assert [parameter.ndim for parameter in decayed["params"]] == [4, 2]
    assert {parameter.ndim for parameter in spared["params"]} == {1}
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.05, 0.0)


def test_mixed_labels_have_the_loss_of_mixed_targets() -> None:
    images, labels = torch.randn(6, 3, 8, 8), torch.arange(6) % 3
    mixed, targets = Mixing(1.0, 0.0, seed=0).mixed(images, labels)
    assert torch.allclose(mixed, targets.kept * images + (1 - targets.kept) * images.flip(0))
    logits = torch.randn(6, 3)
    one_hot: Tensor = F.one_hot(labels, 3).float()
    soft = targets.kept * one_hot + (1 - targets.kept) * one_hot.flip(0)
    soft = 0.9 * soft + 0.1 / 3
    expected = -(soft * logits.log_softmax(1)).sum(1).mean()
    assert torch.allclose(targets.loss(logits, 0.1), expected, atol=1e-6)


def test_a_pasted_box_has_its_labels_share() -> None:
    images = torch.arange(4.0)[:, None, None, None].expand(4, 1, 8, 8)
    for seed in range(20):
        mixed, targets = Mixing(0.0, 1.0, seed).mixed(images, torch.arange(4))
        assert float((mixed[0] == 0.0).double().mean()) == pytest.approx(targets.kept)


def test_without_mixing_nothing_changes() -> None:
    images, labels = torch.randn(4, 3, 8, 8), torch.arange(4)
    mixed, targets = Mixing(0.0, 0.0, 0).mixed(images, labels)
    assert mixed is images
    assert targets.kept == 1.0


def test_erasing_fills_a_box_of_some_images() -> None:
    torch.manual_seed(0)
    images = torch.zeros(200, 3, 16, 16)
    erased = (erase(images, 0.25) != 0).any(dim=1)
    touched = erased.flatten(1).any(dim=1)
    assert 0.1 < float(touched.double().mean()) < 0.4
    shares = erased[touched].flatten(1).double().mean(dim=1)
    assert shares.max() < 0.45
    assert not images.any()


def test_posterising_keeps_a_bit_at_every_level() -> None:
    """Four bits at the weakest level, one fewer at each quarter of the scale, one at the strongest."""
    assert [bits_kept(level) for level in (0, 2.4, 2.5, 5, 7.4, 7.5, 10)] == [4, 4, 3, 2, 2, 1, 1]


def test_the_strongest_posterising_leaves_a_bright_image_bright() -> None:
    """timm's own keeps no bit at level 10, which its spread around 9 reaches."""
    from PIL import Image

    (posterise,) = (each for each in random_augmentation(4, (0, 0, 0)).ops if each.name == POSTERISE)
    posterise.prob, posterise.magnitude, posterise.magnitude_std = 1.0, 10, 0.0
    assert posterise(Image.new("RGB", (2, 2), (200, 200, 200))).getpixel((0, 0)) == (128, 128, 128)


def test_random_augmentation_changes_images_and_no_global_generator() -> None:
    import random

    import numpy as np

    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    images = coloured(8, 16)
    changed = random_augmented(images, 5)
    assert changed.images.shape == images.images.shape
    assert not torch.equal(changed.images, images.images)
    assert torch.equal(changed.images, random_augmented(images, 5).images)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # type: ignore[index]


def test_a_loss_that_explodes_is_told() -> None:
    with pytest.raises(
        BadInputError, match=r"The training loss became .* take 1e\+30 out of the learning rates"
    ):
        learned(recipe(optimiser="sgd"), 1e30)


def test_one_image_is_refused() -> None:
    with pytest.raises(BadInputError, match="give 'images' two or more"):
        Training(network(), recipe(), 0.1, 0).run(coloured(1))


def test_digits_are_never_mirrored() -> None:
    given = {"data": {"dataset": "mnist"}, "recipe": recipe(margin=2).model_dump(), "networks": {"a": {}}}
    with pytest.raises(ValueError, match="a mirrored digit is none"):
        ComparisonSettings.model_validate(given)
