"""EU-k: exact unlearning of the last k layers, which are trained anew; all before them stay as they were.

Goel, Prabhu, Sanyal, Lim, Torr, Kumaraguru: Towards Adversarial Evaluations for Inexact Machine Unlearning,
2022, arXiv 2201.06640. The last k convolutional or linear layers are initialised, then descend
E_{D_r} CE(θ; x, y).

Initialised as in the official code of Challenging Forgets: a linear layer's weights from N(0, 1), a
convolution's uniformly after Glorot and Bengio 2010 ("Xavier"), biases 0. Differs from it in what
`last_layers` names, and in that the layers are initialised once; there, again in every epoch, so that the
last one alone counts.
"""

from __future__ import annotations

import torch
from torch import nn

from experiments.unlearning.fine_tuning import copy_of_original
from experiments.unlearning.last_layers import Layer, last_layers, learn_last_layers
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Initialise the last layers, and learn them on the retain set."""
    network = copy_of_original(task)
    layers = last_layers(network, task.settings.layers)
    generator = task.generator("initialisation")
    for layer in layers:
        initialise(layer, generator)
    return learn_last_layers(task, network, layers)


@torch.no_grad()
def initialise(layer: Layer, generator: torch.Generator) -> None:
    """Draw new weights on the CPU, so that they are the same on every device."""
    weight = torch.empty(layer.weight.shape)
    if isinstance(layer, nn.Linear):
        nn.init.normal_(weight, generator=generator)
    else:
        nn.init.xavier_uniform_(weight, generator=generator)
    layer.weight.copy_(weight)
    if layer.bias is not None:
        layer.bias.zero_()
