"""BE and BS: the extra output, and the step of the fast gradient sign method worked out by hand."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.images import Standardise
from common.training.settings import DescentSettings
from experiments.unlearning.baselines.be import with_extra_output, without_last_output
from experiments.unlearning.baselines.bs import neighbour, sign_step
from tests.experiments.test_unlearning.method_tasks import CLASSES, equal, make_task, method, state, unlearned

WHOLE = DescentSettings(epochs=1, batch_size=12, momentum=0, weight_decay=0)


class Line(nn.Module):
    """Logits (0, w · x) of standardised images."""

    def __init__(self, weight: list[float]) -> None:
        super().__init__()
        self.weight = torch.tensor(weight)

    def forward(self, images: Tensor) -> Tensor:
        score = images.flatten(1) @ self.weight
        return torch.stack([torch.zeros_like(score), score], dim=1)


def test_a_sign_step_on_a_linear_model_by_hand() -> None:
    """For class 1 the loss falls along w, so pixels move against sign(w), by 25.5 of 255."""
    standardise = Standardise(torch.tensor([100.0]), torch.tensor([50.0]))
    pixels = torch.tensor([[100, 101, 10, 250, 7, 8]], dtype=torch.uint8).reshape(1, 2, 3, 1)
    line = Line([2.0, -1.0, 1.0, -3.0, 0.0, 0.5])
    shifted = sign_step(line, standardise(pixels), torch.tensor([1]), standardise, 0.1)
    # 100 - 25.5 = 74.5 -> 74 and 101 + 25.5 = 126.5 -> 126 (even); 10 -> 0 and 250 -> 255 (clamped); 7 stays.
    expected = torch.tensor([74.0, 126, 0, 255, 7, 0])
    torch.testing.assert_close(shifted.flatten() * 50 + 100, expected)


def test_the_neighbour_is_what_the_network_sees_after_the_step() -> None:
    standardise = Standardise(torch.tensor([100.0]), torch.tensor([50.0]))
    pixels = torch.tensor([110, 180], dtype=torch.uint8).reshape(2, 1, 1, 1)
    line, labels = Line([1.0]), torch.tensor([1, 1])
    shifted = sign_step(line, standardise(pixels), labels, standardise, 0.1)
    assert neighbour(line, standardise(pixels)).tolist() == [1, 1]
    assert neighbour(line, shifted).tolist() == [0, 1]  # 84 is beyond the boundary at 100; 154 is not


def test_confident_images_take_a_step_too() -> None:
    """The probability of class 1 is 1 - 9e-14, which is one in single precision."""
    standardise = Standardise(torch.tensor([100.0]), torch.tensor([1.0]))
    pixels = torch.full((8, 1, 1, 1), 190, dtype=torch.uint8)
    labels = torch.ones(8, dtype=torch.int64)
    shifted = sign_step(Line([1 / 3]), standardise(pixels), labels, standardise, 0.1)
    assert (shifted + 100).unique().tolist() == [164]


def test_bs_learns_the_labels_of_neighbours() -> None:
    task = make_task(descent=WHOLE)
    expected = copy.deepcopy(task.original).train()
    (batch,) = task.forget.clean()
    shifted = sign_step(task.original, batch.images, batch.labels, task.forget.standardise, 0.1)
    labels = neighbour(task.original, shifted)
    assert (labels != batch.labels).any()
    F.cross_entropy(expected(batch.images), labels).backward()
    torch.optim.SGD(expected.parameters(), lr=0.05).step()
    torch.testing.assert_close(state(method("bs").unlearn(task)), state(expected))


def test_bs_finds_augmented_images_neighbours_batch_by_batch() -> None:
    assert not equal(unlearned("bs", margin=1), unlearned("bs"))


def test_an_extra_output_comes_and_goes() -> None:
    layer = nn.Linear(9, 4)
    wider = with_extra_output(layer, torch.Generator().manual_seed(0))
    assert (wider.in_features, wider.out_features, wider.weight.shape) == (9, 5, (5, 9))
    assert torch.equal(wider.weight[:4], layer.weight)
    assert torch.equal(wider.bias[:4], layer.bias)
    new = torch.cat([wider.weight[4], wider.bias[4:]])
    assert 0 < float(new.detach().abs().max()) <= 1 / 3  # a linear layer of nine inputs starts in ±1/3
    assert len(new.unique()) == 10
    assert equal(state(without_last_output(wider)), state(layer))


def test_be_learns_the_extra_class_on_the_forget_set() -> None:
    task = make_task(descent=WHOLE)
    expected = copy.deepcopy(task.original).train()
    classifier = expected.classifier
    assert isinstance(classifier, nn.Linear)
    expected.classifier = with_extra_output(classifier, task.generator("initialisation"))
    (batch,) = task.forget.clean()
    F.cross_entropy(expected(batch.images), torch.full((12,), CLASSES)).backward()
    torch.optim.SGD(expected.parameters(), lr=0.05).step()
    torch.testing.assert_close(state(method("be_kept").unlearn(task)), state(expected))
    pruned = state(method("be").unlearn(task))
    torch.testing.assert_close(pruned["classifier.weight"], expected.classifier.weight[:-1].detach())
    torch.testing.assert_close(pruned["stem.weight"], state(expected)["stem.weight"])


@pytest.mark.parametrize(("name", "outputs"), [("be", CLASSES), ("be_kept", CLASSES + 1)])
def test_the_extra_output_is_removed_but_for_be_as_released(name: str, outputs: int) -> None:
    task = make_task()
    (batch,) = task.forget.clean()
    logits = method(name).unlearn(task)(batch.images)
    assert logits.shape == (12, outputs)
