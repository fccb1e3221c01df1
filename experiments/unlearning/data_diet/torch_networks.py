"""The networks of `networks.py` in torch, as the measurement of ways to run an ensemble needs them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from common.models.registry import small_image_network
from common.strict import BadInputError, suggest
from experiments.unlearning.data_diet.networks import Shape

PERCEPTRON_WIDTH = 128


def torch_network(name: str, shape: Shape) -> nn.Module:
    """Logits of images `[batch, channels, h, w]`; raises BadInputError where torch has no such network."""
    match name:
        case "perceptron":
            pixels = shape.height * shape.width * shape.channels
            return nn.Sequential(
                nn.Flatten(), nn.Linear(pixels, PERCEPTRON_WIDTH), nn.ReLU(),
                nn.Linear(PERCEPTRON_WIDTH, PERCEPTRON_WIDTH), nn.ReLU(),
                nn.Linear(PERCEPTRON_WIDTH, shape.classes),
            )  # fmt: skip
        case "small_cnn":
            return _small_cnn(shape, (32, 64, 128))
        case "resnet18":
            return small_image_network(name, shape.classes, shape.channels)
    raise BadInputError(
        f"There is no network '{name}' in torch to measure beside that in Flax."
        f"{suggest(name, ['perceptron', 'small_cnn', 'resnet18'])}"
    )


def _small_cnn(shape: Shape, widths: Sequence[int]) -> nn.Module:
    layers: list[nn.Module] = []
    incoming = shape.channels
    for width in widths:
        layers += [nn.Conv2d(incoming, width, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(width, width, 3, stride=2, padding=1), nn.ReLU()]
        incoming = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(incoming, shape.classes))
