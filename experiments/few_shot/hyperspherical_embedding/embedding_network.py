"""The networks that embed images, as they are before embeddings are divided by their length."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class ConvolutionalEmbedding(nn.Module):
    """Three 3x3 convolutions of stride 2, each normalised and rectified; their mean; a linear layer.

    The last layer has no ReLU, so that embeddings reach all of the sphere and not its positive part alone.
    """

    def __init__(self, channels: int, widths: tuple[int, int, int], dimension: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((channels, *widths)):
            convolution = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
            layers += [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
        self.convolutions = nn.Sequential(*layers)
        self.embed = nn.Linear(widths[-1], dimension)

    def forward(self, x: Tensor) -> Tensor:
        """Embeddings `[batch, dimension]` of images `[batch, channels, h, w]`."""
        embeddings: Tensor = self.embed(self.convolutions(x).mean(dim=(2, 3)))
        return embeddings


class LinearEmbedding(nn.Module):
    """The tutorial's network: Flatten, Dense(dimension) without activation; Keras's initialisation.

    Weights are drawn as by Glorot and Bengio, "Understanding the difficulty of training deep feedforward
    neural networks", 2010: uniform in ± sqrt(6 / (in + out)); biases are zero.
    """

    def __init__(self, inputs: int, dimension: int) -> None:
        super().__init__()
        self.embed = nn.Linear(inputs, dimension)
        nn.init.xavier_uniform_(self.embed.weight)
        nn.init.zeros_(self.embed.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Embeddings `[batch, dimension]` of images `[batch, channels, h, w]`."""
        embeddings: Tensor = self.embed(torch.flatten(x, 1))
        return embeddings
