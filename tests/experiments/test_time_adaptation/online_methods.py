"""A tiny network in stages, and online methods begun on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from common.models.cifar_resnet import CifarResNet
from common.training.images import Standardise
from experiments.test_time_adaptation.online import SourceSample, Start

STANDARDISE = Standardise(torch.tensor([100.0, 110.0, 120.0]), torch.tensor([50.0, 55.0, 60.0]))


def network(seed: int = 0, **changes: Any) -> CifarResNet:
    """A residual network of width 2 and three classes, its statistics and affine maps neither 0 nor 1."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = CifarResNet(8, 3, width=2, **changes)
        for module in made.modules():
            if isinstance(module, nn.BatchNorm2d):
                for name in ("bias", "running_mean"):
                    nn.init.normal_(getattr(module, name), 0.0, 0.5)
                for name in ("weight", "running_var"):
                    nn.init.uniform_(getattr(module, name), 0.5, 2.0)
    return made.eval()


def images(count: int = 6, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))


def sample(count: int = 30) -> SourceSample:
    return SourceSample(images(count, seed=7), torch.arange(count) % 3)


def start(module: Any, made: nn.Module | None = None, rate: float = 0.1, **options: Any) -> Start:
    """What `module`'s method is given: plain SGD, and a sample of the source."""

    def optimiser(parameters: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=rate)

    return Start(
        network() if made is None else made,
        module.Options(**options),
        optimiser,
        STANDARDISE,
        torch.Generator().manual_seed(1),
        sample(),
    )
