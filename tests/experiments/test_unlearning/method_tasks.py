"""Tiny tasks to unlearn: sixty random images of four classes, and networks of two layers."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.descent import Descent
from common.training.image_set import ImageSet
from common.training.images import Standardise
from common.training.seeding import generator, seeded_initialisation, stream_seed
from common.training.settings import DescentSettings
from experiments.unlearning.settings import MethodSettings
from experiments.unlearning.task import Task, Unlearner

CLASSES = 4
DESCENT = DescentSettings(epochs=2, batch_size=16)
ROOT = Path(__file__).parents[3]
METHODS = sorted(
    path.stem
    for path in (ROOT / "experiments" / "unlearning" / "baselines").glob("*.py")
    if path.stem != "__init__"
)
State = dict[str, Tensor]


class Tiny(nn.Module):
    """A convolution, perhaps batch normalisation, the mean over pixels, a linear classifier."""

    def __init__(self, normalised: bool) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, bias=False)
        self.norm = nn.BatchNorm2d(6) if normalised else nn.Identity()
        self.classifier = nn.Linear(6, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(images))
        return logits

    def features(self, images: Tensor) -> Tensor:
        return F.relu(self.norm(self.stem(images))).mean(dim=(2, 3))


def method(name: str) -> Unlearner:
    """The module of a method."""
    module: Any = importlib.import_module(f"experiments.unlearning.baselines.{name}")
    found: Unlearner = module
    return found


def fresh(stream: str, normalised: bool = True) -> nn.Module:
    """An untrained network."""
    with seeded_initialisation(stream_seed(0, stream)):
        return Tiny(normalised)


def images(margin: int = 0) -> ImageSet:
    """All training images."""
    source = generator(0, "images")
    pixels = torch.randint(0, 256, (60, 6, 6, 3), generator=source, dtype=torch.uint8)
    return ImageSet(pixels, torch.arange(60) % CLASSES, Standardise.of(pixels), margin)


@functools.cache
def _trained(normalised: bool) -> nn.Module:
    network = fresh("original", normalised)
    settings = DescentSettings(epochs=5, batch_size=16)
    Descent(network, settings, 0.1).run(images(), generator(0, "original"))
    return network.eval()


def make_task(
    learning_rate: float | None = 0.05,
    margin: int = 0,
    normalised: bool = True,
    descent: DescentSettings | None = DESCENT,
    classes: int = CLASSES,
    forgotten: int = 12,
    **settings: Any,
) -> Task:
    """The first images are to be forgotten; `settings` are the method's."""
    everything = images(margin)
    return Task(
        original=_trained(normalised),
        initialise=functools.partial(fresh, normalised=normalised),
        forget=everything.subset(torch.arange(forgotten)),
        retain=everything.subset(torch.arange(forgotten, 60)),
        classes=classes,
        settings=MethodSettings(descent=descent, **settings),
        learning_rate=learning_rate,
        training=(DescentSettings(epochs=3, batch_size=16, schedule="cosine"), 0.1),
        seed=3,
    )


def unlearned(name: str, **kinds: Any) -> State:
    """The state after a method ran on `make_task(**kinds)`."""
    return state(method(name).unlearn(make_task(**kinds)))


def state(network: nn.Module) -> State:
    """A copy of all weights and statistics."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def equal(one: State, other: State) -> bool:
    """Bit by bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
