"""SalUn: random labelling of the weights that matter most to what is to be forgotten.

Fan, Liu, Zhang, Wong, Wei, Liu: SalUn: Empowering Machine Unlearning via Gradient-based Weight Saliency in
Both Image Classification and Generation, 2024, arXiv 2310.12508. With the loss ℓ_f = CE on D_f,

    m = 1(|∇_θ ℓ_f(θ_o; D_f)| ≥ γ),   θ_u = m ⊙ (Δθ + θ_o) + (1 - m) ⊙ θ_o,

where Δθ is learned by random labelling (`rl`, with its conventions), and γ is such that a given share of all
weights learns. The gradient is that in evaluation mode. Differs from the official code of Challenging
Forgets in that
- masked weights are put back after each step; there, their gradient alone is set to zero, and weight decay,
  with momentum, moves them nonetheless: the setting `leaky_mask`;
- images aren't augmented for the mask; there, they are;
- each image counts the same in ∇ℓ_f; there, those in a smaller last batch count for more;
- the wrong labels exclude the true one, unless `any_label` is set.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.image_set import ImageSet
from experiments.unlearning.fine_tuning import copy_of_original
from experiments.unlearning.random_labels import learn_random_labels
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Random labelling with a mask on the weights."""
    network = copy_of_original(task)
    masks = saliency_masks(network, task.forget, task.settings.mask_share)
    if task.settings.leaky_mask:
        return _learn_with_masked_gradients(task, network, masks)
    weights = list(zip(network.parameters(), masks, task.original.parameters(), strict=True))

    @torch.no_grad()
    def restore() -> None:
        for weight, mask, original in weights:
            weight.copy_(torch.where(mask, weight, original))

    return learn_random_labels(task, network, after_step=restore)


def saliency_masks(network: nn.Module, forget: ImageSet, share: float) -> list[Tensor]:
    """For each parameter of a network in evaluation mode, bool of its shape: whether a weight may learn.

    Of all weights together, `share` learn: those with the largest |∇ℓ_f|; of equal ones, the first.
    """
    parameters = list(network.parameters())
    total = [torch.zeros_like(parameter) for parameter in parameters]
    for batch in forget.clean():
        loss = F.cross_entropy(network(batch.images), batch.labels, reduction="sum")
        torch._foreach_add_(total, torch.autograd.grad(loss, parameters, materialize_grads=True))
    saliency = torch.cat([gradient.flatten().abs() for gradient in total])
    largest = saliency.argsort(descending=True, stable=True)[: round(share * len(saliency))]
    chosen = torch.zeros_like(saliency, dtype=torch.bool).index_fill_(0, largest, True)
    parts = chosen.split([parameter.numel() for parameter in parameters])
    return [part.view(parameter.shape) for part, parameter in zip(parts, parameters, strict=True)]


def _learn_with_masked_gradients(task: Task, network: nn.Module, masks: list[Tensor]) -> nn.Module:
    pairs = zip(network.parameters(), masks, strict=True)
    hooks = [parameter.register_hook(mask.mul) for parameter, mask in pairs]
    learn_random_labels(task, network)
    for hook in hooks:
        hook.remove()
    return network
