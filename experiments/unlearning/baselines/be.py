"""BE: boundary expanding, which sends what is to be forgotten to an extra class and then removes the class.

Chen, Gao, Liu, Peng, Wang: Boundary Unlearning: Rapid Forgetting of Deep Networks via Shifting the Decision
Boundary, 2023, arXiv 2303.11570. The classifier gets an output C + 1; from θ_o, θ_u descends

    E_{D_f} CE(θ; x, C + 1),

and the extra output is pruned. Its weights start as a new linear layer's do in PyTorch: uniform in
±1 / sqrt(features).

Differs from the official code of Challenging Forgets, which judges the network with its extra output in
place: an image sent there is wrong, and its share of the softmax lowers the confidence in every real class.
A classifier that may answer "forgotten" discloses what was forgotten, so we prune, as the paper of the method
does. `be_kept` is the method as released.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from experiments.unlearning.fine_tuning import copy_of_original, fine_tune
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Cross-entropy to the extra class on the forget set."""
    network = expand(task)
    network.classifier = without_last_output(_classifier(network))
    return network.eval()


def expand(task: Task) -> nn.Module:
    """The network in which the forget set has a class of its own."""
    network = copy_of_original(task)
    network.classifier = with_extra_output(_classifier(network), task.generator("initialisation"))
    extra = torch.full_like(task.forget.labels, task.classes)
    return fine_tune(task, network, task.forget.with_labels(extra))


def with_extra_output(layer: nn.Linear, generator: torch.Generator) -> nn.Linear:
    """The layer with one more row, drawn on the CPU."""
    row = torch.empty(1, layer.in_features + 1).uniform_(-1, 1, generator=generator).to(layer.weight)
    row *= layer.in_features**-0.5
    return _linear(torch.cat([layer.weight, row[:, :-1]]), torch.cat([layer.bias, row[0, -1:]]))


def without_last_output(layer: nn.Linear) -> nn.Linear:
    """The layer without its last row."""
    return _linear(layer.weight[:-1], layer.bias[:-1])


def _classifier(network: nn.Module) -> nn.Linear:
    return cast(nn.Linear, network.classifier)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    outputs, inputs = weight.shape
    with torch.random.fork_rng():  # the layer draws weights of its own, which are replaced
        layer = nn.Linear(inputs, outputs).to(weight)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer
