"""The bi-level selection of the images, or classes, that are hardest to forget.

Fan, Liu, Hero, Liu: Challenging Forgets: Unveiling the Worst-Case Forget Sets in Machine Unlearning,
ECCV 2024, arXiv 2403.07362. Upper level: minimise Σ w_i loss_i(θ(w)) + γ |w|² over weights in [0, 1] that
sum to m. Lower level: θ(w) is the original network after signSGD on Σ (1 - w_i) loss_i. The derivative of a
sign is zero almost everywhere, so the gradient of the upper level is loss_i + 2γ w_i, without second-order
terms:

    repeat T times:
        θ <- original;  for K epochs: θ <- θ - β sign(∇ Σ_batch (1 - w_i) loss_i(θ))
        w <- project(w - α (loss(θ) + 2γ w))

Deviations: the losses of the upper level are measured in evaluation mode on images without augmentation
(official code: in training mode, augmented), in float64; a class is scored by the plain mean loss of its
images (official code: a mean of means that hangs on how batches fall); a gradient of exactly zero moves
nothing (official code, class-wise: a random sign).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.checkpoints import Progress
from common.training.descent import predict
from common.training.image_set import ImageSet
from common.training.seeding import chance_of, set_chance
from experiments.unlearning.challenging_forgets.settings import BilevelSettings
from experiments.unlearning.challenging_forgets.simplex import project
from experiments.unlearning.challenging_forgets.units import Units
from experiments.unlearning.forget_sets import highest, overlap


@dataclass(frozen=True)
class Selection:
    """What the upper level ended with.

    Attributes:
        weights: float64 `[units]` on the CPU; the larger, the harder to forget.
        curves: after each upper iteration, `chosen_loss`: mean loss of the units of the largest weights
            under the network of that iteration; `retain_accuracy`: of that network on the training images,
            each weighted as the lower level did, in percent; `overlap_with_random`: of the units of the
            largest weights with the given ones, in percent.
    """

    weights: Tensor
    curves: dict[str, list[float]] = field(default_factory=dict)


def select(  # noqa: PLR0913
    original: nn.Module,
    data: ImageSet,
    units: Units,
    random: Tensor,
    start: Tensor,
    settings: BilevelSettings,
    generator: torch.Generator,
    progress: Progress | None = None,
) -> Selection:
    """Search the weights of the units that are hardest to forget.

    Args:
        original: maps `[batch, channels, h, w]` to logits; left as it was.
        data: all training images, on the network's device.
        units: what is chosen among.
        random: int64 `[m]`, units chosen at random, to compare with; m is how many to choose.
        start: float64 `[units]`, weights that sum to m: `uniform_start` or `binary_start`.
        settings: the hyperparameters.
        generator: order and augmentation of the lower level, on the CPU.
        progress: of an earlier attempt, from which it goes on.

    Raises:
        BadInputError: where a loss is no longer finite.
    """
    weights = start
    curves: dict[str, list[float]] = {"chosen_loss": [], "retain_accuracy": [], "overlap_with_random": []}
    progress = progress or Progress()
    earlier = progress.load()
    if earlier is not None:
        weights, curves = earlier["weights"], earlier["curves"]
        set_chance(earlier["chance"], [generator])
    for _ in range(len(curves["chosen_loss"]), settings.upper_iterations):
        kept = 1 - weights[units.of_image]
        losses, correct = _scores(unlearned(original, data, kept, settings, generator), data)
        scores = units.mean(losses)
        weights = project(
            weights - settings.upper_step * (scores + 2 * settings.ridge * weights), len(random)
        )
        chosen = highest(weights, len(random))
        curves["chosen_loss"].append(float(scores[chosen].mean()))
        curves["retain_accuracy"].append(100 * float((kept * correct).sum() / kept.sum()))
        curves["overlap_with_random"].append(overlap(chosen, random))
        progress.save(partial(_state, weights, curves, generator))
    return Selection(weights, curves)


def _state(weights: Tensor, curves: dict[str, list[float]], generator: torch.Generator) -> dict[str, Any]:
    return {"weights": weights, "curves": curves, "chance": chance_of([generator])}


def uniform_start(units: int, m: int) -> Tensor:
    """Every weight m / units: the order of the final weights is that of the accumulated losses alone."""
    return torch.full((units,), m / units, dtype=torch.float64)


def binary_start(units: int, chosen: Tensor) -> Tensor:
    """1 for the chosen units, 0 for all others, as the official code starts from a random set.

    With a small step no weight can cross from 0 to 1, so that the set which it starts from is returned.
    """
    weights = torch.zeros(units, dtype=torch.float64)
    weights[chosen] = 1
    return weights


def unlearned(
    original: nn.Module, data: ImageSet, kept: Tensor, settings: BilevelSettings, generator: torch.Generator
) -> nn.Module:
    """The lower level: a copy of `original` after signSGD on the losses weighted by `kept`, `[n]`."""
    network = copy.deepcopy(original).train()
    parameters: list[Tensor] = list(network.parameters())
    kept = kept.float().to(data.labels.device)
    bfloat16 = settings.precision == "bfloat16"
    for _ in range(settings.lower_epochs):
        for batch in data.shuffled(settings.batch_size, generator):
            with torch.autocast(batch.images.device.type, torch.bfloat16, enabled=bfloat16):
                logits = network(batch.images)
            losses = F.cross_entropy(logits.float(), batch.labels, reduction="none")
            weighted = torch.dot(kept[batch.places], losses)
            gradients = torch.autograd.grad(weighted, parameters, materialize_grads=True)
            with torch.no_grad():
                torch._foreach_add_(parameters, torch._foreach_sign(gradients), alpha=-settings.lower_step)
    return network


def _scores(network: nn.Module, data: ImageSet) -> tuple[Tensor, Tensor]:
    """Float64 cross-entropies and whether each image is classified correctly, both `[n]` on the CPU."""
    logits, labels = predict(network, data).double(), data.labels
    losses = F.cross_entropy(logits, labels, reduction="none")
    return losses.cpu(), (logits.argmax(dim=1) == labels).cpu()
