"""Benchmarks of the bi-level selection, beside general solvers and loops over parameters and units."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    from torch import Tensor, nn

    from common.training.image_set import ImageSet
    from experiments.unlearning.challenging_forgets.settings import BilevelSettings

SHARE = 0.1  # of the images is chosen
CLASSES = 10
NETWORK = "resnet8_quarter"  # of the quick scale
STEP = 1e-4  # of the lower level; where a gradient is nearly zero, rounding may turn one step around


def _projection(count: int) -> Ways:
    import numpy as np
    import torch
    from scipy.optimize import brentq

    from experiments.unlearning.challenging_forgets.simplex import project

    point, total = np.random.default_rng(0).normal(0, 1, count), SHARE * count

    def usual() -> list[float]:
        """Clip at the threshold that a general root finder gives, each weight in turn."""
        values = point.tolist()

        def missing(threshold: float) -> float:
            return float(sum(min(max(value - threshold, 0.0), 1.0) for value in values) - total)

        found = brentq(missing, min(values) - 1, max(values), xtol=1e-13)
        return [min(max(value - found, 0.0), 1.0) for value in values]

    return Ways(usual, lambda: project(torch.from_numpy(point), total))


def _unit_means(count: int) -> Ways:
    import torch

    from experiments.unlearning.challenging_forgets.units import Units

    draws = torch.Generator().manual_seed(0)
    units = Units.classes(torch.arange(count) % CLASSES, CLASSES)
    losses = torch.rand(count, generator=draws, dtype=torch.float64)

    def usual() -> list[float]:
        sums, counts = [0.0] * CLASSES, [0] * CLASSES
        for unit, loss in zip(units.of_image.tolist(), losses.tolist(), strict=True):
            sums[unit] += loss
            counts[unit] += 1
        return [total / members for total, members in zip(sums, counts, strict=True)]

    return Ways(usual, lambda: units.mean(losses))


def _lower_level(count: int) -> Ways:
    import torch

    from common.benchmark.made_up import fresh_network, noise_images
    from experiments.unlearning.challenging_forgets.bilevel import unlearned
    from experiments.unlearning.challenging_forgets.settings import BilevelSettings

    network, images = fresh_network(NETWORK, 1), noise_images(count, 28, 1)
    kept = torch.rand(count, generator=torch.Generator().manual_seed(1))
    settings = BilevelSettings(
        upper_iterations=1, upper_step=1.0, lower_epochs=1, lower_step=STEP, ridge=0.0, batch_size=64
    )

    def ours() -> list[Tensor]:
        found = unlearned(network, images, kept, settings, torch.Generator().manual_seed(2))
        return list(found.parameters())

    return Ways(lambda: unlearned_image_by_image(network, images, kept, settings), ours)


def unlearned_image_by_image(
    network: nn.Module, images: ImageSet, kept: Tensor, settings: BilevelSettings
) -> list[Tensor]:
    """Parameters after an epoch of signSGD: each image's loss is weighed, each parameter moved, in turn."""
    import torch
    from torch.nn import functional as F

    moved = copy.deepcopy(network).train()
    for batch in images.shuffled(settings.batch_size, torch.Generator().manual_seed(2)):
        logits = moved(batch.images)
        loss = torch.zeros(())
        for row, label, place in zip(logits, batch.labels, batch.places, strict=True):
            loss = loss + kept[place] * F.cross_entropy(row[None], label[None])
        moved.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in moved.parameters():
                if parameter.grad is not None:
                    parameter.sub_(settings.lower_step * parameter.grad.sign())
    return list(moved.parameters())


BENCHMARKS = [
    Pair(
        "simplex_projection",
        "scipy's root finder, weight by weight",
        "bisection on a tensor",
        _projection,
        [5000],
        "images",
        tolerance=1e-9,
    ),
    Pair("class_means", "image by image", "one index_add", _unit_means, [5000], "images", tolerance=1e-9),
    Pair(
        "lower_level",
        "loss by loss, parameter by parameter",
        "one dot product, foreach",
        _lower_level,
        [512],
        "images",
        tolerance=2.1 * STEP,
        remark="the network's own passes take most of the time in either way",
    ),
]
