"""The training loop against a plain one around torch's own optimiser, and its promises to a GPU."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.strict import BadInputError
from common.training.descent import Descent, cross_entropy, predict, scheduled
from common.training.image_set import Batch, ImageSet
from common.training.images import Standardise
from common.training.seeding import seeded_initialisation
from common.training.settings import DescentSettings


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def settings(**changes: Any) -> DescentSettings:
    return DescentSettings(**{"epochs": 3, "batch_size": 8, "schedule": "cosine", **changes})


def network(seed: int = 0) -> nn.Sequential:
    with seeded_initialisation(seed):
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))


def image_set(count: int = 30, margin: int = 0) -> ImageSet:
    """The first channel of class 1 is brighter."""
    labels = torch.arange(count) % 2
    images = torch.randint(0, 120, (count, 6, 6, 3), generator=generator(5), dtype=torch.uint8)
    images[labels == 1, :, :, 0] += 100
    return ImageSet(images, labels, Standardise.of(images), margin)


def state(model: nn.Module) -> Tensor:
    return torch.cat([value.flatten().float() for value in model.state_dict().values()])


def reference_losses(model: nn.Module, data: ImageSet, given: DescentSettings, rate: float) -> list[float]:
    """A loop as in a textbook, whose schedule is torch's, step by step."""
    draws, model = generator(), model.train()
    optimiser = torch.optim.SGD(
        model.parameters(), lr=rate, momentum=given.momentum, weight_decay=given.weight_decay
    )
    steps = given.epochs * math.ceil(len(data) / given.batch_size)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=steps)
    means = []
    for _ in range(given.epochs):
        losses = []
        for chosen in torch.randperm(len(data), generator=draws).split(given.batch_size):
            loss = F.cross_entropy(model(data.standardise(data.images[chosen])), data.labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if given.schedule == "cosine":
                cosine.step()
            losses.append(loss.item())
        means.append(sum(losses) / len(losses))
    return means


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_descent_is_that_of_a_plain_loop_around_torch(schedule: str, momentum: float) -> None:
    given = settings(schedule=schedule, momentum=momentum, weight_decay=0.01)
    ours, theirs, data = network(), network(), image_set()
    losses = Descent(ours, given, 0.1).run(data, generator())
    assert losses == pytest.approx(reference_losses(theirs, data, given, 0.1), rel=1e-5)
    torch.testing.assert_close(state(ours), state(theirs), rtol=1e-4, atol=1e-6)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("schedule", "progress", "share"),
    [
        ("cosine", 0.0, 1.0),
        ("cosine", 0.5, 0.5),
        ("cosine", 1 / 3, 0.75),
        ("cosine", 1.0, 0.0),
        ("linear", 0.25, 0.75),
        ("linear", 1.0, 0.0),
        ("constant", 0.7, 1.0),
    ],
)
def test_the_share_of_the_rate_that_a_schedule_leaves(schedule: str, progress: float, share: float) -> None:
    assert scheduled(settings(schedule=schedule), progress) == pytest.approx(share, abs=1e-12)


def test_the_rate_rises_in_the_warm_up_and_is_scheduled_over_the_rest() -> None:
    given = settings(schedule="linear", warm_up=0.2)
    shares = [scheduled(given, progress) for progress in (0.0, 0.1, 0.2, 0.6, 1.0)]
    assert shares == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0], abs=1e-12)


@pytest.mark.parametrize(("count", "steps"), [(17, 2), (19, 2), (20, 3), (16, 2), (5, 1), (3, 1)])
def test_the_loss_and_the_schedule_count_the_steps_that_are_taken(count: int, steps: int) -> None:
    """A last batch below half of 8 images is left out, of the mean and of the schedule as well."""
    rates: list[float] = []
    descent = Descent(network(), settings(epochs=2), 1.0, loss=lambda logits, *_: logits.sum() * 0 + 3)
    descent.after_step = lambda: rates.append(descent._optimiser.learning_rate)
    assert descent.run(image_set(count), generator()) == pytest.approx([3, 3])
    assert rates == pytest.approx(
        [scheduled(descent.settings, step / (2 * steps)) for step in range(2 * steps)]
    )


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_descent_repeats_bit_by_bit_and_hangs_on_its_generator_alone(precision: str) -> None:
    def trained(seed: int) -> tuple[list[float], Tensor]:
        model = network()
        losses = Descent(model, settings(precision=precision), 0.1).run(image_set(margin=2), generator(seed))
        return losses, state(model)

    losses, weights = trained(0)
    torch.rand(3)
    before = torch.random.get_rng_state()
    again, same = trained(0)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert losses == again
    assert torch.equal(weights, same)
    assert not torch.equal(trained(1)[1], weights)


def test_bfloat16_multiplies_in_it_and_keeps_weights_statistics_and_loss_in_float32() -> None:
    seen: list[tuple[torch.dtype, torch.dtype]] = []
    inside: list[torch.dtype] = []
    model, exact = network(), network()
    model[0].register_forward_hook(lambda *parts: inside.append(parts[2].dtype))

    def observe(batch: Batch, logits: Tensor, epoch: int) -> None:
        seen.append((batch.images.dtype, logits.dtype))

    low = Descent(model, settings(precision="bfloat16"), 0.1, observe=observe).run(image_set(), generator())
    assert set(inside) == {torch.bfloat16}
    assert set(seen) == {(torch.float32, torch.float32)}
    assert all(value.dtype in (torch.float32, torch.int64) for value in model.state_dict().values())
    assert low != (high := Descent(exact, settings(), 0.1).run(image_set(), generator()))
    assert low == pytest.approx(high, abs=0.05)


def test_prediction_is_in_float32_in_evaluation_mode_and_puts_the_mode_back() -> None:
    data, model = image_set(margin=2), network()
    for training in (True, False):
        model.train(training)
        before = state(model)
        logits = predict(model, data)
        assert model.training is training
        assert torch.equal(state(model), before)
        with torch.no_grad():
            expected = copy.deepcopy(model).eval()(data.standardise(data.images))
        torch.testing.assert_close(logits, expected)
    assert logits.dtype == torch.float32
    assert not logits.requires_grad


def test_only_the_parameters_named_learn_and_an_unused_one_decays() -> None:
    model = network()
    unused = nn.Parameter(torch.ones(2))
    convolution, classifier = (list(model[layer].parameters()) for layer in (0, 4))
    before = [parameter.detach().clone() for parameter in (*convolution, *classifier)]
    given = settings(epochs=1, batch_size=30, momentum=0.0, weight_decay=0.01)
    Descent(model, given, 0.1, parameters=[*classifier, unused]).run(image_set(), generator())
    same = [torch.equal(*pair) for pair in zip((*convolution, *classifier), before, strict=True)]
    assert same == [True, True, False, False]
    torch.testing.assert_close(unused.detach(), torch.full((2,), 1 - 0.1 * 0.01))


def test_losses_observers_and_sets_are_told_the_epoch() -> None:
    """The observer sees each batch before the step that it leads to."""
    events: list[tuple[str, int]] = []

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        events.append(("loss", epoch))
        return cross_entropy(logits, batch, epoch)

    def images(epoch: int) -> ImageSet:
        events.append(("images", epoch))
        return image_set(4 * (epoch + 1))

    descent = Descent(network(), settings(epochs=2, batch_size=4), 0.1, loss)
    descent.observe = lambda batch, logits, epoch: events.append(("observe", epoch))
    descent.after_step = lambda: events.append(("after", -1))
    descent.run(images, generator())
    step = [("loss", 0), ("observe", 0), ("after", -1)]
    later = [("loss", 1), ("observe", 1), ("after", -1)]
    assert events == [("images", 0), *step, ("images", 1), *later, *later]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_images_are_refused_in_a_sentence(count: int) -> None:
    data = image_set().subset(torch.arange(count))
    with pytest.raises(BadInputError, match=rf"There are {count} image\(s\) to train on"):
        Descent(network(), settings(), 0.1).run(data, generator())


@pytest.mark.parametrize("repeatable", [True, False])
def test_convolutions_are_timed_in_the_run_unless_repeatable_ones_are_asked_for(
    repeatable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", repeatable)
    descent = Descent(network(), settings(epochs=1), 0.1)
    descent.after_step = lambda: seen.append(torch.backends.cudnn.benchmark)
    descent.run(image_set(), generator())
    assert set(seen) == {not repeatable}
    assert torch.backends.cudnn.benchmark is False
