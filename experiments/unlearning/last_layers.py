"""Learning the last layers of a network whose body is frozen: what EU-k and CF-k share.

Differs from the official code of Challenging Forgets in that
- the frozen body stays in evaluation mode; there, its batch statistics are used and its running
  statistics move, so that the "frozen" layers change what they compute;
- normalisation layers among the last k are frozen too; there, for k > 1, they learn.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.unlearning.fine_tuning import fine_tune
from experiments.unlearning.task import Task

Layer = nn.Conv2d | nn.Linear


def last_layers(network: nn.Module, count: int) -> list[Layer]:
    """The last `count` convolutional or linear layers, in the order in which the network defines them.

    Raises BadInputError where it has fewer.
    """
    layers = [module for module in network.modules() if isinstance(module, Layer)]
    if count > len(layers):
        raise BadInputError(
            f"'layers' is {count}, but the network has {len(layers)} convolutional or linear layers."
        )
    return layers[-count:]


class Evaluated(nn.Module):
    """A network that stays in evaluation mode, so that its running statistics are used and never moved."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.eval()

    def train(self, mode: bool = True) -> Evaluated:
        """Nothing: neither this module nor the network changes its mode."""
        return self

    def forward(self, images: Tensor) -> Tensor:
        """What the network gives."""
        logits: Tensor = self.network(images)
        return logits


def learn_last_layers(task: Task, network: nn.Module, layers: list[Layer]) -> nn.Module:
    """Cross-entropy on the retain set; of `network`, which is changed in place, `layers` alone learn.

    Where that is the classifier and images aren't augmented, its input never changes: it is computed once.
    """
    network.requires_grad_(False)  # spares the backward pass through the body
    parameters = [parameter for layer in layers for parameter in layer.parameters()]
    for parameter in parameters:
        parameter.requires_grad_()
    if layers == [network.classifier] and not task.retain.margin:
        fine_tune(task, nn.Sequential(nn.Flatten(), *layers), frozen_features(network, task.retain))
    else:
        fine_tune(task, Evaluated(network), task.retain, parameters=parameters)
    return network.requires_grad_()


@torch.no_grad()
def frozen_features(network: nn.Module, images: ImageSet) -> ImageSet:
    """The penultimate features `[n, d]` of a network in evaluation mode, as images of one pixel."""
    features = torch.cat([network.features(batch.images) for batch in images.clean()])  # type: ignore[operator]
    unchanged = Standardise(torch.zeros(1), torch.ones(1))
    return ImageSet(features[:, None, None], images.labels, unchanged)
