from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from common.models.registry import small_image_network
from common.strict import BadInputError
from common.training.image_set import ImageSet
from experiments.unlearning.difficulty.benchmarks import gradient_norms_one_by_one
from experiments.unlearning.difficulty.scores import (
    confidence,
    cross_entropy_loss,
    el2n,
    entropy,
    forgetting_events,
    grand,
    moderate,
)
from tests.experiments.test_unlearning.shadow_project import image_set

SCORES: list[Callable[[nn.Module, ImageSet], Tensor]] = [
    cross_entropy_loss,
    entropy,
    confidence,
    el2n,
    grand,
    moderate,
]


class LinearNetwork(nn.Module):
    """The features are the channels of the only pixel."""

    def __init__(self, weight: list[list[float]]) -> None:
        super().__init__()
        self.classifier = nn.Linear(len(weight[0]), len(weight))
        self.classifier.weight.data = torch.tensor(weight)
        self.classifier.bias.data.zero_()

    def features(self, images: Tensor) -> Tensor:
        return images[:, :, 0, 0]

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(images))
        return logits


def pixels(*values: list[int]) -> Tensor:
    return torch.tensor(values, dtype=torch.uint8)[:, None, None, :]


def undecided_and_decided() -> tuple[nn.Module, ImageSet]:
    """Probabilities (1/2, 1/2) of an image of class 0; (3/4, 1/4) of one of class 0 and of one of class 1."""
    network = LinearNetwork([[math.log(3), 0.0], [0.0, math.log(3)]])
    return network.eval(), image_set(pixels([0, 0], [1, 0], [1, 0]), [0, 0, 1])


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (cross_entropy_loss, [math.log(2), math.log(4 / 3), math.log(4)]),
        (entropy, [math.log(2), 0.5623351446188083, 0.5623351446188083]),
        (confidence, [0.5, 0.75, 0.25]),
        (el2n, [0.5 * math.sqrt(2), 0.25 * math.sqrt(2), 0.75 * math.sqrt(2)]),
        # |p - y| |(h, 1)|: the gradient of a linear layer is the outer product of error and input.
        (grand, [0.5 * math.sqrt(2), 0.25 * 2, 0.75 * 2]),
    ],
)
def test_scores_by_hand(score: Callable[[nn.Module, ImageSet], Tensor], expected: list[float]) -> None:
    found = score(*undecided_and_decided())
    assert found.dtype == torch.float64
    assert found.tolist() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["resnet8_quarter", "resnet26_group_norm"])
def test_grand_is_the_norm_of_each_gradient_in_turn(name: str) -> None:
    network, images = noisy_network(name), noisy_images(66 if name == "resnet8_quarter" else 3)
    found = grand(network, images)
    torch.testing.assert_close(found, gradient_norms_one_by_one(network, images), rtol=1e-4, atol=0.0)


def test_moderate_by_hand() -> None:
    """Class 0 lies at 0, 2, 10: its centre is 2, the distances 2, 0, 8 have the median 2. Class 1 alone."""
    network = LinearNetwork([[1.0], [0.0]])
    images = image_set(pixels([0], [7], [2], [10]), [0, 1, 0, 0])
    assert moderate(network, images).tolist() == [0.0, 0.0, 2.0, 6.0]


def test_forgetting_events_by_hand() -> None:
    histories = ["1111", "0101", "1010", "0000", "1100", "0001"]
    correct = torch.tensor([[mark == "1" for mark in history] for history in histories]).T
    assert forgetting_events(correct).tolist() == [0, 1, 2, 5, 1, 0]


@pytest.mark.parametrize("score", SCORES)
def test_scores_are_of_evaluation_mode_and_leave_the_network_alone(
    score: Callable[[nn.Module, ImageSet], Tensor],
) -> None:
    network, images = noisy_network(), noisy_images(9)
    expected = score(network, images)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert torch.equal(score(network.train(), images), expected)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("score", SCORES[:-1])  # Moderate compares the images of a class
def test_no_image_plays_a_part_in_another_s_score(score: Callable[[nn.Module, ImageSet], Tensor]) -> None:
    network, images = noisy_network(), noisy_images(9)
    alone = score(network, images.subset(torch.tensor([4])))
    assert alone.item() == pytest.approx(score(network, images)[4].item(), rel=1e-5)


@pytest.mark.parametrize("score", SCORES)
def test_a_network_that_diverged_has_no_scores(score: Callable[[nn.Module, ImageSet], Tensor]) -> None:
    network, images = undecided_and_decided()
    network.get_parameter("classifier.weight").data.fill_(math.nan)
    images.images[:] = 1
    if score is moderate:
        network.features = lambda images: torch.full((len(images), 2), math.nan)  # type: ignore[assignment]
    with pytest.raises(BadInputError, match="of 3 of 3 images is not finite: the network diverged"):
        score(network, images)


def noisy_network(name: str = "resnet8_quarter") -> nn.Module:
    """Its batch normalisation holds statistics and an affine map that are neither 0 nor 1."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = small_image_network(name, 3, 1)
        for key, value in network.state_dict().items():
            if "norm" in key and value.is_floating_point():
                nn.init.uniform_(value, 0.5, 2.0)
    return network.eval()


def noisy_images(count: int) -> ImageSet:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 4, (count, 8, 8, 1), generator=generator, dtype=torch.uint8)
    return image_set(images, [place % 3 for place in range(count)])
