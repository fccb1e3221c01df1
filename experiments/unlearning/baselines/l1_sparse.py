"""l1-sparse: fine-tuning with a penalty that drives weights, and what they remember, to zero.

Jia, Liu, Ram, Yao, Liu, Liu, Sharma, Liu: Model Sparsity Can Simplify Machine Unlearning, 2023,
arXiv 2304.04934. θ_u descends, from θ_o,

    E_{D_r} CE(θ; x, y) + α_t ‖θ‖₁,   α_t = α (1 - t / E)   in epoch t = 0 … E - 1,

over all parameters, those of normalisation among them, as in the official code.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from common.training.descent import cross_entropy
from common.training.image_set import Batch
from experiments.unlearning.fine_tuning import copy_of_original, descent_settings, fine_tune
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Cross-entropy on the retain set, and the penalty."""
    network, (settings, _) = copy_of_original(task), descent_settings(task)
    parameters: list[Tensor] = list(network.parameters())

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        weight = task.settings.penalty * (1 - epoch / settings.epochs)
        return cross_entropy(logits, batch, epoch) + weight * absolute_sum(parameters)

    return fine_tune(task, network, task.retain, loss)


def absolute_sum(parameters: list[Tensor]) -> Tensor:
    """‖θ‖₁, a differentiable scalar."""
    return torch.stack(torch._foreach_norm(parameters, 1)).sum()
