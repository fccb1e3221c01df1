"""The network of the paper's small images: nine convolutions, called VGG32 or classifier32."""

from __future__ import annotations

from torch import Tensor, nn

# Of each convolution: how many times the width its channels are, and its stride.
LAYERS = ((1, 1), (1, 1), (2, 2), (2, 1), (2, 1), (2, 2), (2, 1), (2, 1), (2, 2))
DROPPED = 0.2  # share of channels, before each three convolutions
LEAK = 0.2


class Classifier32(nn.Module):
    """Three times: dropout of channels, then three 3x3 convolutions, the last of stride 2; mean over pixels.

    Each convolution is followed by batch normalisation and a leaky ReLU. The classifier has no bias. The
    paper's `width` is 64 (official code, `classifier32`).
    """

    def __init__(self, width: int, classes: int, channels: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for place, (times, stride) in enumerate(LAYERS):
            if place % 3 == 0:
                layers.append(nn.Dropout2d(DROPPED))
            layers += [
                nn.Conv2d(channels, times * width, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(times * width),
                nn.LeakyReLU(LEAK, inplace=True),
            ]
            channels = times * width
        self.layers = nn.Sequential(*layers)
        self.classifier: nn.Module = nn.Linear(channels, classes, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(x))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """`[batch, 2 * width]` of images `[batch, channels, h, w]`."""
        maps: Tensor = self.layers(x)
        return maps.mean(dim=(2, 3))
