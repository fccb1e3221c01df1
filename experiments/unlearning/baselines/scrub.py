"""SCRUB: be unlike the teacher on what is to be forgotten, and like it on the rest.

Kurmanji, P. Triantafillou, Hayes, E. Triantafillou: Towards Unbounded Machine Unlearning, 2023,
arXiv 2302.09880. With the teacher θ_o, d(x) = T² KL(softmax(z_o(x) / T) ‖ softmax(z_θ(x) / T)) is maximised,
then minimised beside the cross-entropy:

    ascent:   - E_{D_f} d(x)
    descent:  γ E_{D_r} CE(θ; x, y) + α E_{D_r} d(x),   γ = 0.99, α = 0.001, T = 4.

As in the official code of Challenging Forgets all epochs of ascent come first, under the same optimiser,
and momentum runs on; SCRUB's own paper alternates them with epochs of descent. Differs from that code in that
- the epochs of ascent are added to those of descent; there, 2 of the 10 epochs are ascent;
- the learning rate follows the schedule of the settings; there, it falls to a tenth after epochs 3, 5 and 9;
- there is no averaged copy of the weights; there, it has weight 0.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.descent import cross_entropy, predict
from common.training.image_set import Batch, ImageSet
from experiments.unlearning.fine_tuning import copy_of_original, fine_tune
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Maximise on the forget set, then minimise on the retain set."""
    settings = task.settings
    ascent = settings.ascent_epochs
    forget_teacher, retain_teacher = (teacher(task.original, part) for part in (task.forget, task.retain))

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        if epoch < ascent:
            return -divergence(logits, forget_teacher(batch), settings.temperature)
        return settings.classification_weight * cross_entropy(
            logits, batch, epoch
        ) + settings.distillation_weight * divergence(logits, retain_teacher(batch), settings.temperature)

    def data(epoch: int) -> ImageSet:
        return task.forget if epoch < ascent else task.retain

    return fine_tune(task, copy_of_original(task), data, loss, more_epochs=ascent)


def divergence(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T² KL(teacher ‖ student) of logits `[batch, classes]` at temperature T, the mean of the batch."""
    targets = F.log_softmax(teacher / temperature, dim=1)
    found = F.log_softmax(student / temperature, dim=1)
    return F.kl_div(found, targets, reduction="batchmean", log_target=True) * temperature**2


def teacher(original: nn.Module, images: ImageSet) -> Callable[[Batch], Tensor]:
    """The original's logits of a batch of `images`: computed once, where images aren't augmented."""
    if images.margin:
        return torch.no_grad()(lambda batch: original(batch.images))
    logits = predict(original, images)
    return lambda batch: logits[batch.places]
