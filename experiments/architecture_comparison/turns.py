"""Networks side by side in one process: the seconds of training steps and of inference, in turns.

Times are a record's cost, no part of its identity: what repeats bit by bit is how much was done.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping

import torch
from torch import nn
from torch.nn import functional as F

from experiments.architecture_comparison.recipe import optimiser
from experiments.architecture_comparison.settings import RecipeSettings
from experiments.architecture_comparison.shapes import ImageShape


def take_turns(
    networks: Mapping[str, nn.Module],
    shape: ImageShape,
    recipe: RecipeSettings,
    batches: int,
    rounds: int,
) -> dict[str, dict[str, float]]:
    """Name -> processor seconds of `training` and of `inference`, over all rounds; the networks are changed.

    In a round each network has a turn of `batches` batches. One more round before them, to warm up, doesn't
    count. What else the machine does meets all of them.
    """
    images = torch.randn(recipe.batch_size, shape.channels, shape.side, shape.side)
    images = images.to(memory_format=torch.channels_last)
    labels = torch.arange(recipe.batch_size) % shape.classes
    steps = {name: _training(network, images, labels, recipe, batches) for name, network in networks.items()}
    seconds: dict[str, dict[str, float]] = defaultdict(lambda: {"training": 0.0, "inference": 0.0})
    for turn in range(rounds + 1):
        for name, network in networks.items():
            spent = {"training": next(steps[name]), "inference": _inference(network, images, batches)}
            for kind, taken in spent.items():
                seconds[name][kind] += taken if turn else 0.0
    return seconds


def _training(
    network: nn.Module, images: torch.Tensor, labels: torch.Tensor, recipe: RecipeSettings, batches: int
) -> Iterator[float]:
    """Processor seconds of the next so many steps, again and again."""
    descent = optimiser(network, recipe, 1e-4)
    while True:
        network.train()
        since = time.process_time()
        for _ in range(batches):
            descent.zero_grad()
            F.cross_entropy(network(images), labels).backward()
            descent.step()
        yield time.process_time() - since


@torch.no_grad()
def _inference(network: nn.Module, images: torch.Tensor, batches: int) -> float:
    network.eval()
    since = time.process_time()
    for _ in range(batches):
        network(images)
    return time.process_time() - since
