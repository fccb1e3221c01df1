"""UA, MIA, RA and TA of networks whose answers are known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.unlearning.evaluation import evaluate, judge
from experiments.unlearning.settings import MembershipSettings
from experiments.unlearning.splits import Splits

UNCHANGED = Standardise(torch.zeros(1), torch.ones(1))
MEMBERSHIP = MembershipSettings(per_class=20)


class Brightness(nn.Module):
    """Logits (0, brightness - 100): the brighter above 100, the surer is class 1."""

    def forward(self, images: Tensor) -> Tensor:
        bright = images.mean(dim=(1, 2, 3)) - 100
        return torch.stack([torch.zeros_like(bright), bright], dim=1)


def bright_images(brightness: list[int], labels: list[int]) -> ImageSet:
    pixels = torch.tensor(brightness, dtype=torch.uint8)[:, None, None, None].expand(-1, 2, 2, 1)
    return ImageSet(pixels.contiguous(), torch.tensor(labels), UNCHANGED)


def test_accuracy_and_confidence_by_hand() -> None:
    judged = judge(Brightness(), bright_images([101, 99, 102], [1, 1, 0]))
    assert judged.correct.tolist() == [True, False, False]
    expected = [1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1)), 1 / (1 + math.exp(2))]
    torch.testing.assert_close(judged.confidence, torch.tensor(expected, dtype=torch.float64))
    assert judged.accuracy == pytest.approx(100 / 3)


def test_a_network_that_diverged_is_wrong_and_has_no_confidence() -> None:
    class Diverged(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return torch.full((len(images), 2), math.nan)

    judged = judge(Diverged(), bright_images([101, 99], [0, 1]))
    assert judged.accuracy == 0
    assert judged.confidence.tolist() == [0, 0]


def forgetful_splits() -> Splits:
    """40 training images are called right, and surely so; the last 10, and all 50 test images, wrong."""
    train = bright_images([130] * 50, [1] * 40 + [0] * 10)
    test = bright_images([130] * 50, [0] * 50)
    return Splits(train=train, validation=test, test=test)


def test_scores_of_a_forget_set_that_is_treated_like_unseen_images() -> None:
    scores = evaluate(Brightness(), forgetful_splits(), torch.arange(40, 50), MEMBERSHIP, seed=0)
    assert scores.unlearning_accuracy == 100
    assert scores.membership_efficacy == 100
    assert scores.retain_accuracy == 100
    assert scores.test_accuracy == 0


def test_scores_of_a_forget_set_that_is_treated_like_the_rest() -> None:
    scores = evaluate(Brightness(), forgetful_splits(), torch.arange(10), MEMBERSHIP, seed=0)
    assert scores.unlearning_accuracy == 0
    assert scores.membership_efficacy == 0
    assert scores.retain_accuracy == pytest.approx(75)


def test_the_draw_of_the_attack_hangs_on_the_seed_alone() -> None:
    generator = torch.Generator().manual_seed(0)
    brightness = torch.randint(80, 130, (200,), generator=generator).tolist()
    train = bright_images(brightness, [1] * 200)
    splits = Splits(train=train, validation=train, test=bright_images(brightness[::-1], [1] * 200))
    state = torch.get_rng_state()
    first, again = (evaluate(Brightness(), splits, torch.arange(50), MEMBERSHIP, seed=3) for _ in range(2))
    assert first == again
    assert torch.equal(torch.get_rng_state(), state)


def test_too_few_test_images_to_attack_with_are_refused() -> None:
    train = bright_images([130] * 50, [1] * 50)
    splits = Splits(train=train, validation=train, test=bright_images([130] * 3, [1] * 3))
    with pytest.raises(BadInputError, match="per_class is 3, but the attack is fitted on at least 5"):
        evaluate(Brightness(), splits, torch.arange(10), MEMBERSHIP, seed=0)
