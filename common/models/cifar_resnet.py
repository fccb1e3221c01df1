"""The residual networks of small images: He et al. 2016 for CIFAR, batch or group normalised."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Normalisation = Callable[[int], nn.Module]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a parameter-free shortcut (option A of He et al., section 4.2)."""

    def __init__(self, in_channels: int, channels: int, stride: int, normalisation: Normalisation) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm1 = normalisation(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = normalisation(channels)
        self.stride = stride
        self.new_channels = channels - in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Map `[batch, in_channels, h, w]` to `[batch, channels, h / stride, w / stride]`."""
        residual = F.relu(self.norm1(self.conv1(x)), inplace=True)
        residual = self.norm2(self.conv2(residual))
        return F.relu(residual.add_(self._shortcut(x)), inplace=True)

    def _shortcut(self, x: Tensor) -> Tensor:
        # Pooling over windows of one pixel is slicing, and joining zeros is padding, but both keep the memory
        # layout of convolutions: a training step takes a tenth less than with strided views.
        if self.stride > 1:
            x = F.avg_pool2d(x, 1, self.stride)
        if self.new_channels:
            # Half of them on either side, as the published checkpoints (Idelbayev 2018) were trained.
            before = self.new_channels // 2
            x = torch.cat([_zeros(x, before), x, _zeros(x, self.new_channels - before)], dim=1)
        return x


def _zeros(x: Tensor, channels: int) -> Tensor:
    """As `x`, with so many channels."""
    shape = (x.shape[0], channels, *x.shape[2:])
    empty = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
    return empty.zero_()


class CifarResNet(nn.Module):
    """ResNet-(6n+2): a 3x3 stem, three stages of n blocks, global average pooling, a linear classifier.

    He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016, section 4.2.
    `stem_stride` 2 halves the resolution at the entrance (ours, for runs on a CPU: a quarter of the
    arithmetic at the same width); 1 is the published network.
    """

    def __init__(
        self,
        depth: int,
        classes: int,
        width: int = 16,
        channels: int = 3,
        stem_stride: int = 1,
        normalisation: Normalisation = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        if (depth - 2) % 6:
            raise ValueError(f"A residual network of small images has depth 6n + 2, not {depth}.")
        blocks = (depth - 2) // 6
        self.stem = nn.Conv2d(channels, width, 3, stem_stride, padding=1, bias=False)
        self.stem_norm = normalisation(width)
        self.stages = nn.Sequential(
            _stage(width, width, blocks, 1, normalisation),
            _stage(width, 2 * width, blocks, 2, normalisation),
            _stage(2 * width, 4 * width, blocks, 2, normalisation),
        )
        self.classifier = nn.Linear(4 * width, classes)
        self.apply(_initialise)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(x))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """Penultimate features `[batch, 4 * width]` of images `[batch, channels, h, w]`."""
        x = F.relu(self.stem_norm(self.stem(x)), inplace=True)
        x = self.stages(x)
        return x.mean(dim=(2, 3))


class GroupNorm(nn.GroupNorm):
    """torch's, on maps whose channels come first in memory.

    Of maps whose channels come last, torch's backward pass ends the process (a segmentation fault, on
    processors) where only scale and shift are differentiated, as they are in the first layer of a network
    whose convolutions aren't adapted.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `[batch, channels, h, w]`."""
        normalised: Tensor = super().forward(x.contiguous())
        return normalised


def group_normalisation(channels: int) -> nn.Module:
    """Group normalisation with 8 groups, as in the ResNet-26 of the test-time training line of work."""
    return GroupNorm(8, channels)


def _stage(in_channels: int, channels: int, blocks: int, stride: int, norm: Normalisation) -> nn.Sequential:
    first = BasicBlock(in_channels, channels, stride, norm)
    rest = (BasicBlock(channels, channels, 1, norm) for _ in range(blocks - 1))
    return nn.Sequential(first, *rest)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out")
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=module.in_features**-0.5)
        nn.init.zeros_(module.bias)
