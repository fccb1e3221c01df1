"""Gradient descent over an image set, on a processor or a GPU: what trainings and unlearners share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from common.checkpoints import Progress
from common.strict import BadInputError
from common.training.image_set import Batch, ImageSet, batch_count
from common.training.seeding import chance_of, set_chance
from common.training.settings import DescentSettings
from common.training.sgd import PlainSGD


class Loss(Protocol):
    """A differentiable scalar of one batch."""

    def __call__(self, logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        """The loss of float32 logits `[batch, classes]`; `epoch` counts from 0."""


def cross_entropy(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
    """Mean cross-entropy to the labels."""
    return F.cross_entropy(logits, batch.labels)


@dataclass
class Descent:
    """Descends `loss` with plain SGD, changing `network` in place.

    Attributes:
        network: maps `[batch, channels, h, w]` to logits `[batch, classes]`; on the device of the data.
        learning_rate: the highest, which a warm-up ends with and a schedule starts from.
        loss: minimised.
        parameters: those that learn; all by default.
        after_step: called after each step.
        observe: called with each batch, its logits (detached, float32) and the epoch, before the step.
        memory: what these functions gather, tensors and plain values, which checkpoints keep.
    """

    network: nn.Module
    settings: DescentSettings
    learning_rate: float
    loss: Loss = cross_entropy
    parameters: Sequence[nn.Parameter] | None = None
    after_step: Callable[[], None] | None = None
    observe: Callable[[Batch, Tensor, int], None] | None = None
    memory: dict[str, Any] = field(default_factory=dict)

    def run(
        self,
        data: ImageSet | Callable[[int], ImageSet],
        generator: torch.Generator,
        progress: Progress | None = None,
    ) -> list[float]:
        """Train on the images, or on those that a function gives for each epoch; each epoch's mean loss.

        Order and augmentation are drawn from `generator`, on the CPU. The network is left in training mode.
        On a CPU it repeats bit by bit, also where it goes on from the `progress` of an earlier attempt; on a
        GPU it needn't. Raises BadInputError where an epoch has fewer than two images.
        """
        settings = self.settings
        parameters = list(self.network.parameters()) if self.parameters is None else list(self.parameters)
        self._optimiser = PlainSGD(
            parameters, self.learning_rate, settings.momentum, settings.weight_decay, settings.nesterov
        )
        self._compiled = torch.compile(self.network, dynamic=False) if settings.compiled else self.network
        self.network.train()
        images = (lambda _: data) if isinstance(data, ImageSet) else data
        progress = progress or Progress()
        losses = self._restore(progress.load(), generator)
        for epoch in range(len(losses)):
            images(epoch)  # so that what it draws by chance stays in step
        epochs = range(len(losses), settings.epochs)
        bar = tqdm(epochs, "epochs", settings.epochs, initial=len(losses), disable=None, leave=False)
        with _fastest_convolutions():
            for epoch in bar:
                losses.append(self._epoch(images(epoch), epoch, generator))
                progress.save(lambda: self._state(losses, generator))
        return losses

    def _state(self, losses: list[float], generator: torch.Generator) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "velocity": self._optimiser.velocity,
            "losses": losses,
            "chance": chance_of([generator]),
            "memory": self.memory,
        }

    def _restore(self, state: dict[str, Any] | None, generator: torch.Generator) -> list[float]:
        """Take up what `_state` gave after some epoch; the losses until then."""
        if state is None:
            return []
        self.network.load_state_dict(state["network"])
        self._optimiser.restore(state["velocity"])
        set_chance(state["chance"], [generator])
        for name, value in state["memory"].items():
            before = self.memory.get(name)
            self.memory[name] = value.to(before.device) if isinstance(before, Tensor) else value
        losses: list[float] = state["losses"]
        return losses

    def _epoch(self, images: ImageSet, epoch: int, generator: torch.Generator) -> float:
        if len(images) < 2:
            raise BadInputError(
                f"There are {len(images)} image(s) to train on, and batch statistics need two or more."
            )
        total = torch.zeros((), device=images.images.device)
        batches = batch_count(len(images), self.settings.batch_size)
        for place, batch in enumerate(images.shuffled(self.settings.batch_size, generator)):
            share = scheduled(self.settings, (epoch + place / batches) / self.settings.epochs)
            self._optimiser.learning_rate = self.learning_rate * share
            total += self._step(batch, epoch)
        return float(total) / batches

    def _step(self, batch: Batch, epoch: int) -> Tensor:
        logits = self._logits(batch.images)
        loss = self.loss(logits, batch, epoch)
        if self.observe is not None:
            self.observe(batch, logits.detach(), epoch)
        # Of a layer that the network has but doesn't use, the gradient is zero.
        self._optimiser.step(torch.autograd.grad(loss, self._optimiser.parameters, materialize_grads=True))
        if self.after_step is not None:
            self.after_step()
        return loss.detach()

    def _logits(self, images: Tensor) -> Tensor:
        """Float32. A smaller last batch isn't worth a compilation of its own."""
        reduced = self.settings.precision == "bfloat16"
        forward = self._compiled if len(images) == self.settings.batch_size else self.network
        with torch.autocast(images.device.type, torch.bfloat16) if reduced else nullcontext():
            logits: Tensor = forward(images)
        return logits.float()


@contextmanager
def _fastest_convolutions() -> Iterator[None]:
    """Let a GPU time its algorithms, once per shape, unless the caller asked for repeatable ones."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = not torch.backends.cudnn.deterministic
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def scheduled(settings: DescentSettings, progress: float) -> float:
    """The share of the highest learning rate that is due after `progress`, in [0, 1), of the training."""
    if progress < settings.warm_up:
        return progress / settings.warm_up
    gone = (progress - settings.warm_up) / (1 - settings.warm_up)
    match settings.schedule:
        case "cosine":
            return 0.5 * (1 + math.cos(math.pi * gone))
        case "linear":
            return 1 - gone
        case "constant":
            return 1.0


@torch.no_grad()
def predict(network: nn.Module, data: ImageSet) -> Tensor:
    """Float32 logits `[n, classes]` of all images, in evaluation mode; the network's mode is put back.

    Never in bfloat16, however the network was trained: with 8 bits, confidences near 1 would be equal, and
    what ranks images by them would see ties. A GPU may multiply in TF32, torch's default for convolutions.
    """
    training = network.training
    network.eval()
    logits = torch.cat([network(batch.images).float() for batch in data.clean()])
    network.train(training)
    return logits
