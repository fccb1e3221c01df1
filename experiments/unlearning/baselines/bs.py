"""BS: boundary shrink, which gives what is to be forgotten to the class beyond the nearest boundary.

Chen, Gao, Liu, Peng, Wang: Boundary Unlearning: Rapid Forgetting of Deep Networks via Shifting the Decision
Boundary, 2023, arXiv 2303.11570. The class is found by one step of the fast gradient sign method on θ_o, for
pixels in [0, 1] and ε = 0.1; from θ_o, θ_u descends the cross-entropy to it:

    x' = x + ε sign(∇_x CE(θ_o; x, y)), clamped to [0, 1] and rounded to 1/255
    y' = argmax z_o(x'),   E_{D_f} CE(θ; x, y').

As in the official code of Challenging Forgets, y' = y where the step crosses no boundary. Halves of 1/255 are
rounded to the even side. Differs from that code in that the loss is computed in double precision, so that an
image of which θ_o is certain has a gradient. Without augmentation y' never changes, and is computed once.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.image_set import Batch
from common.training.images import Standardise
from experiments.unlearning.fine_tuning import copy_of_original, fine_tune
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Cross-entropy to the label of the neighbour on the forget set."""

    def neighbours(batch: Batch) -> Tensor:
        step = task.settings.sign_step
        shifted = sign_step(task.original, batch.images, batch.labels, task.forget.standardise, step)
        return neighbour(task.original, shifted)

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        return F.cross_entropy(logits, neighbours(batch))

    network = copy_of_original(task)
    if task.forget.margin:
        return fine_tune(task, network, task.forget, loss)
    labels = torch.cat([neighbours(batch) for batch in task.forget.clean()])
    return fine_tune(task, network, task.forget.with_labels(labels))


def sign_step(
    network: nn.Module, images: Tensor, labels: Tensor, standardise: Standardise, step: float
) -> Tensor:
    """Standardised images `[batch, channels, h, w]` after one step of the fast gradient sign method.

    `network` is in evaluation mode; `step` is a share of the range of a pixel.
    """
    images = images.detach().requires_grad_()
    # Of an image whose probability rounds to one, the gradient would be zero in single precision.
    loss = F.cross_entropy(network(images).double(), labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, images)
    # Standardising is increasing, so the sign is that of the gradient to the pixels.
    deviation, mean = standardise.deviation.to(images.device), standardise.mean.to(images.device)
    pixels = (images.detach().permute(0, 2, 3, 1) * deviation + mean).round()
    shifted = pixels + 255 * step * gradient.permute(0, 2, 3, 1).sign()
    return standardise(shifted.clamp(0, 255).round())


@torch.no_grad()
def neighbour(network: nn.Module, images: Tensor) -> Tensor:
    """The class `[batch]` that the network sees in standardised images."""
    logits: Tensor = network(images)
    return logits.argmax(dim=1)
