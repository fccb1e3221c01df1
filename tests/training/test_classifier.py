from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.classifier import _one_cycle, train_classifier
from common.training.images import Standardise
from common.training.seeding import seeded_initialisation
from common.training.settings import TrainingSettings

USUAL: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 8,
    "peak_learning_rate": 0.1,
    "warm_up": 0.25,
    "momentum": 0.9,
    "weight_decay": 0.0005,
    "label_smoothing": 0.0,
    "crop": 6,
    "padding": 1,
}


def settings(**changes: Any) -> TrainingSettings:
    return TrainingSettings(**{**USUAL, **changes})


def two_hues(count: int = 64) -> tuple[Tensor, Tensor]:
    """Red images are of class 0 and blue ones of class 1; noise hides no hue."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % 2
    images = torch.randint(0, 120, (count, 8, 8, 3), generator=generator, dtype=torch.uint8)
    images[labels == 0, :, :, 0] += 100
    images[labels == 1, :, :, 2] += 100
    return images, labels


def network(seed: int = 0) -> nn.Module:
    with seeded_initialisation(seed):
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))


def train(seed: int, **changes: Any) -> tuple[list[float], Tensor]:
    model = network()
    losses = train_classifier(model, *two_hues(), settings(**changes), seed)
    return losses, torch.cat([value.flatten().float() for value in model.state_dict().values()])


def test_training_repeats_bit_by_bit_and_hangs_on_the_seed() -> None:
    losses, weights = train(0)
    again, same = train(0)
    assert losses == again
    assert torch.equal(weights, same)
    assert not torch.equal(train(1)[1], weights)


def test_the_order_of_the_images_hangs_on_the_seed() -> None:
    """Crops of the whole of images that are their own mirrors: the order is all that chance has left."""
    images, labels = two_hues()
    images = images[:, :, :1].expand(-1, -1, 6, -1)[:, :6]

    def weights(seed: int) -> Tensor:
        model = network()
        train_classifier(model, images, labels, settings(padding=0), seed)
        return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])

    assert torch.equal(weights(0), weights(0))
    assert not torch.allclose(weights(0), weights(1), atol=1e-3)


def test_the_global_generator_does_not_matter() -> None:
    torch.manual_seed(1)
    first = train(0)[1]
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    assert torch.equal(train(0)[1], first)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_can_be_separated_is_learned() -> None:
    model = network()
    images, labels = two_hues()
    losses = train_classifier(model, images, labels, settings(epochs=6), seed=0)
    assert len(losses) == 6
    assert losses[-1] < 0.1 < losses[0]
    model.eval()
    with torch.no_grad():
        logits = model(Standardise.of(images)(images[:, 1:7, 1:7]))
    assert (logits.argmax(1) == labels).all()


def test_the_loss_of_an_epoch_is_the_mean_of_its_whole_batches() -> None:
    """A network of nothing but zeros has the loss log 2 in every batch, and stays so without gradient."""
    silent = nn.Sequential(nn.Flatten(), nn.Linear(108, 2))
    for parameter in silent.parameters():
        nn.init.zeros_(parameter)
    images, labels = torch.zeros(20, 8, 8, 3, dtype=torch.uint8), torch.arange(20) % 2
    images[0] = 255  # some deviation to divide by
    losses = train_classifier(silent, images, labels, settings(epochs=3, peak_learning_rate=1e-12), seed=0)
    assert losses == pytest.approx([torch.log(torch.tensor(2.0)).item()] * 3, rel=1e-6)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_nothing() -> None:
    optimiser, schedule = _one_cycle(nn.Linear(2, 2), settings(peak_learning_rate=0.4), steps=40)
    rates = []
    for _ in range(40):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    assert max(rates) == pytest.approx(0.4)
    assert rates.index(max(rates)) == 9  # a quarter of the steps
    assert rates[0] == pytest.approx(0.4 / 25)
    assert rates[-1] < 1e-5
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert optimiser.defaults["nesterov"]
    assert optimiser.param_groups[0]["momentum"] == 0.9


@pytest.mark.parametrize(
    ("count", "changes", "sentence"),
    [
        (7, {}, "7 images don't fill one batch of 8; lower 'batch_size'"),
        (16, {"epochs": 2}, "Of 4 steps the warm-up takes exactly one; raise 'epochs' or 'warm_up'"),
        (16, {"crop": 11}, "Crops of 11 pixels don't fit into padded images of 10; lower 'crop'"),
    ],
)
def test_what_does_not_fit_is_refused(count: int, changes: dict[str, Any], sentence: str) -> None:
    images, labels = two_hues()
    with pytest.raises(BadInputError, match=sentence):
        train_classifier(network(), images[:count], labels[:count], settings(**changes), seed=0)


def test_bfloat16_learns_the_same_roughly() -> None:
    exact, _ = train(0)
    reduced, weights = train(0, precision="bfloat16")
    assert exact != reduced == pytest.approx(exact, abs=0.1)
    assert weights.dtype == torch.float32
