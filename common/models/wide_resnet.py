"""Wide residual networks for small images: Zagoruyko and Komodakis, BMVC 2016."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class WideBlock(nn.Module):
    """Pre-activation block: BN, ReLU, 3x3, BN, ReLU, 3x3; a 1x1 shortcut where the shape changes."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        changes = stride != 1 or in_channels != channels
        self.shortcut = nn.Conv2d(in_channels, channels, 1, stride, bias=False) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        """Map `[batch, in_channels, h, w]` to `[batch, channels, h / stride, w / stride]`."""
        active = F.relu(self.norm1(x))
        shortcut = x if self.shortcut is None else self.shortcut(active)
        residual = self.conv2(F.relu(self.norm2(self.conv1(active))))
        total: Tensor = residual + shortcut
        return total


class WideResNet(nn.Module):
    """WRN-(6n+4)-k without dropout: Wide Residual Networks, arXiv 1605.07146, table 1."""

    def __init__(self, depth: int, widen: int, classes: int, channels: int = 3) -> None:
        super().__init__()
        if (depth - 4) % 6:
            raise ValueError(f"A wide residual network has depth 6n + 4, not {depth}.")
        blocks = (depth - 4) // 6
        widths = [16, 16 * widen, 32 * widen, 64 * widen]
        self.stem = nn.Conv2d(channels, widths[0], 3, padding=1, bias=False)
        self.stages = nn.Sequential(
            *_stage(widths[0], widths[1], blocks, 1),
            *_stage(widths[1], widths[2], blocks, 2),
            *_stage(widths[2], widths[3], blocks, 2),
        )
        self.norm = nn.BatchNorm2d(widths[3])
        self.classifier = nn.Linear(widths[3], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(x))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """Penultimate features `[batch, 64 * widen]` of images `[batch, channels, h, w]`."""
        return F.relu(self.norm(self.stages(self.stem(x)))).mean(dim=(2, 3))


def _stage(in_channels: int, channels: int, blocks: int, stride: int) -> list[WideBlock]:
    first = WideBlock(in_channels, channels, stride)
    return [first, *(WideBlock(channels, channels, 1) for _ in range(blocks - 1))]
