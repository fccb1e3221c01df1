"""Supervised training of an image classifier: SGD with Nesterov momentum and a one-cycle schedule."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from common.checkpoints import Progress
from common.strict import BadInputError
from common.training.images import Standardise, pad_reflect, random_crop_flip
from common.training.seeding import chance_of, generator, set_chance
from common.training.settings import TrainingSettings


def train_classifier(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    settings: TrainingSettings,
    seed: int,
    progress: Progress | None = None,
) -> list[float]:
    """Train `network` in place; the mean training loss of each epoch is returned.

    Args:
        network: maps `[batch, channels, h, w]` to logits; on the device of `images`.
        images: bytes `[n, h, w, channels]`.
        labels: int64 `[n]`.
        settings: the hyperparameters.
        seed: streams `order` and `augmentation` are derived from it.
        progress: of an earlier attempt, from which it goes on.

    Raises:
        BadInputError: where the images don't fill one batch or are smaller than the crop, or where the
            learning rate would have to rise in a single step.
    """
    _check(images, settings)
    standardise = Standardise.of(images)
    padded = pad_reflect(images, settings.padding)
    order, augmentation = generator(seed, "order"), generator(seed, "augmentation")
    steps_per_epoch = len(images) // settings.batch_size
    optimiser, schedule = _one_cycle(network, settings, settings.epochs * steps_per_epoch)
    network.train()
    forward = torch.compile(network, dynamic=False) if settings.compiled else network
    reduced = settings.precision == "bfloat16"
    kept = {"network": network, "optimiser": optimiser, "schedule": schedule}
    progress = progress or Progress()
    losses = _restore(progress.load(), kept, [order, augmentation])
    epochs = range(len(losses), settings.epochs)
    for _ in tqdm(epochs, "epochs", settings.epochs, initial=len(losses), disable=None):
        total = torch.zeros((), device=images.device)
        shuffled = torch.randperm(len(images), generator=order).to(images.device)
        for chosen in shuffled[: steps_per_epoch * settings.batch_size].split(settings.batch_size):
            batch = standardise(random_crop_flip(padded[chosen], settings.crop, augmentation))
            with torch.autocast(batch.device.type, torch.bfloat16, enabled=reduced):
                logits = forward(batch).float()
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=settings.label_smoothing)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.detach()
        losses.append(float(total) / steps_per_epoch)
        progress.save(lambda: _state(losses, kept, [order, augmentation]))
    return losses


def _state(losses: list[float], kept: dict[str, Any], generators: list[torch.Generator]) -> dict[str, Any]:
    states = {name: each.state_dict() for name, each in kept.items()}
    return {**states, "losses": losses, "chance": chance_of(generators)}


def _restore(
    state: dict[str, Any] | None, kept: dict[str, Any], generators: list[torch.Generator]
) -> list[float]:
    """Take up what `_state` gave after some epoch; the losses until then."""
    if state is None:
        return []
    for name, each in kept.items():
        each.load_state_dict(state[name])
    set_chance(state["chance"], generators)
    losses: list[float] = state["losses"]
    return losses


def _check(images: Tensor, settings: TrainingSettings) -> None:
    if len(images) < settings.batch_size:
        raise BadInputError(
            f"{len(images)} images don't fill one batch of {settings.batch_size}; lower 'batch_size'."
        )
    side = min(images.shape[1:3]) + 2 * settings.padding
    if settings.crop > side:
        raise BadInputError(
            f"Crops of {settings.crop} pixels don't fit into padded images of {side}; lower 'crop'."
        )
    steps = settings.epochs * (len(images) // settings.batch_size)
    if settings.warm_up * steps == 1:  # torch divides by the length of the rise, less one
        raise BadInputError(f"Of {steps} steps the warm-up takes exactly one; raise 'epochs' or 'warm_up'.")


def _one_cycle(
    network: nn.Module, settings: TrainingSettings, steps: int
) -> tuple[torch.optim.SGD, torch.optim.lr_scheduler.OneCycleLR]:
    optimiser = torch.optim.SGD(
        network.parameters(),
        lr=settings.peak_learning_rate,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
        nesterov=True,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        settings.peak_learning_rate,
        total_steps=steps,
        pct_start=settings.warm_up,
        anneal_strategy="linear",
        cycle_momentum=False,
    )
    return optimiser, schedule
