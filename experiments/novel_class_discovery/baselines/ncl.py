"""NCL: AutoNovel with pairs by cosine, and contrastive losses that take neighbours for positives.

Zhong, Fini, Roy, Luo, Ricci, Sebe: Neighborhood Contrastive Learning for Novel Class Discovery, CVPR 2021,
arXiv 2106.10731. Deviations: as AutoNovel's here; contrast is on the backbone's own features; hard negatives
are half and half.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from experiments.novel_class_discovery.baselines.auto_novel import joint_losses
from experiments.novel_class_discovery.looks import Looks
from experiments.novel_class_discovery.neighbourhood_contrast import (
    CLASSES,
    LABELLED,
    UNLABELLED,
    empty_queues,
    enqueue,
    hard_negatives,
    neighbourhood_loss,
    supervised_contrast,
)
from experiments.novel_class_discovery.pairs import cosine_neighbours


def losses(looks: Looks) -> Tensor:
    """Of each head, `[heads]`. Reads all settings but `top`; its queues are in the memory."""
    hidden = looks.hidden
    pairs = cosine_neighbours(looks.first.features[hidden].detach(), looks.settings.similar)
    return joint_losses(looks, pairs) + looks.settings.contrast * contrast(looks)


def contrast(looks: Looks) -> Tensor:
    """Neighbourhood contrast of images without a label, supervised contrast of others; the queues grow."""
    settings, hidden, memory = looks.settings, looks.hidden, looks.memory
    first, second = (F.normalize(view.features) for view in (looks.first, looks.second))
    queues = empty_queues(first.shape[1], first.device)
    # After a kill they come back on the CPU.
    queues.update({name: memory[name].to(first.device) for name in queues if name in memory})
    unlabelled, labelled, classes = queues[UNLABELLED], queues[LABELLED], queues[CLASSES]
    anchors, kept = first[hidden], settings.hard_negatives
    negatives = hard_negatives(anchors.detach(), unlabelled, labelled, 2 * kept, kept)
    temperature = settings.contrast_temperature
    loss = neighbourhood_loss(
        anchors, second[hidden], unlabelled, negatives, settings.neighbours, temperature
    )
    labels = looks.labels[~hidden]
    loss = loss + supervised_contrast(first[~hidden], labels, labelled, classes, temperature)
    for name, newest in ((UNLABELLED, second[hidden]), (LABELLED, second[~hidden]), (CLASSES, labels)):
        memory[name] = enqueue(queues[name], newest, settings.queue)
    return loss
