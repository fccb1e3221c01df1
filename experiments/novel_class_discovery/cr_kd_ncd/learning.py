"""Stage 2: descent on a baseline's loss, and on what is distilled from stage 1, on two views of each image.

Gu et al. 2023: L = L_swap + α L_rKD. Prototypes are put back on the unit sphere after each step.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from common.runs.job import Job
from common.strict import BadInputError
from common.training.descent import Descent, predict
from common.training.device import place
from common.training.image_set import Batch, ImageSet
from common.training.seeding import generator, seeded_initialisation, stream_seed
from experiments.novel_class_discovery.baselines import auto_novel, ncl, uno
from experiments.novel_class_discovery.cr_kd_ncd.class_relation import SOFTENING
from experiments.novel_class_discovery.cr_kd_ncd.distillation import distilled
from experiments.novel_class_discovery.cr_kd_ncd.scores import Found
from experiments.novel_class_discovery.cr_kd_ncd.settings import DiscoverySettings
from experiments.novel_class_discovery.cr_kd_ncd.watch import (
    MOMENTS,
    Watch,
    best_head,
    old_cosines,
    relation_measures,
)
from experiments.novel_class_discovery.image_splits import ImageSplit
from experiments.novel_class_discovery.looks import HIDDEN, Looks
from experiments.novel_class_discovery.network import DiscoveryNetwork, KnownClassifier, Outputs
from experiments.novel_class_discovery.view_batches import ViewBatch, two_views

OBJECTIVES: dict[str, Callable[[Looks], Tensor]] = {
    "uno": uno.losses,
    "auto_novel": auto_novel.losses,
    "ncl": ncl.losses,
}


class Discovery(NamedTuple):
    """Clusters; what is left of the class relation in the end, and its curves, where anything was learned."""

    found: Found
    relation: dict[str, float]
    curves: dict[str, list[float]] | None


@dataclass
class Learner:
    """The loss of a batch, and what it keeps between batches."""

    network: DiscoveryNetwork
    old: KnownClassifier
    settings: DiscoverySettings
    memory: dict[str, Any] = field(default_factory=dict)

    def loss(self, logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        """The mean over heads of the objective, and α times what is distilled."""
        outputs = self.network.outputs(logits)
        first, second = outputs.split(len(batch.labels))
        looks = Looks(
            first, second, self._small(batch), batch.labels, epoch, self.memory, self.settings.learning
        )
        by_head = OBJECTIVES[self.settings.objective](looks)
        self._remember(by_head.detach(), epoch)
        loss = by_head.mean()
        if self.settings.distillation is not None:
            loss = loss + self._distilled(outputs, batch, looks.hidden)
        return loss

    def _small(self, batch: Batch) -> Outputs | None:
        if not isinstance(batch, ViewBatch) or batch.small is None:
            return None
        with self._precision(batch.small):
            joined = self.network(batch.small)
        return self.network.outputs(joined.float())

    def _distilled(self, outputs: Outputs, batch: Batch, hidden: Tensor) -> Tensor:
        assert self.settings.distillation is not None  # its caller checked
        rows = hidden.repeat(2)
        new = Outputs(outputs.known[rows], outputs.novel[:, rows], outputs.features[rows])
        temperature = self.settings.learning.temperature
        with self._precision(batch.images):
            images = batch.images[rows]
        return distilled(self.old, images, new, self.settings.distillation, temperature)

    def _precision(self, images: Tensor) -> AbstractContextManager[Any]:
        reduced = self.settings.training.precision == "bfloat16"
        return torch.autocast(images.device.type, torch.bfloat16) if reduced else nullcontext()

    def _remember(self, losses: Tensor, epoch: int) -> None:
        """Sum the losses of each head over the epoch."""
        if self.memory.get("head_epoch") != epoch:
            self.memory.update(head_epoch=epoch, head_losses=torch.zeros_like(losses))
        self.memory["head_losses"] += losses


def learn(job: Job[DiscoverySettings], split: ImageSplit, old: KnownClassifier) -> Discovery:
    """Discover the novel classes; raises BadInputError where training diverges or images are too few."""
    settings = job.settings
    network = fresh_network(settings, split, old, job.seed)
    learner = Learner(network, old, settings)
    watch = _watch(job, learner, split)
    descent = Descent(network, settings.training, settings.training_rate, learner.loss, memory=learner.memory)
    descent.after_step = network.renew_prototypes
    images = training_views(settings, split)

    def views_of(epoch: int) -> ImageSet:
        if epoch % settings.look_every == 0:
            watch.look(epoch)
        for moment, begins in zip(MOMENTS, (0, settings.training.epochs // 2), strict=False):
            if epoch == begins:
                watch.keep_features(moment)
        return images

    progress = job.checkpoints.progress("training")
    losses = descent.run(views_of, generator(job.seed, "discovery"), progress)
    if not math.isfinite(losses[-1]):
        raise BadInputError(f"The training of {job.method} has diverged; lower its 'training_rate'.")
    watch.look(settings.training.epochs)
    watch.keep_features("end")
    return _discovery(watch, split, losses)


def fresh_network(
    settings: DiscoverySettings, split: ImageSplit, old: KnownClassifier, seed: int
) -> DiscoveryNetwork:
    """A copy of stage 1 that learns on, with new heads, which are the same for all methods of a seed."""
    known = copy.deepcopy(old).requires_grad_(True)
    novel = settings.assumed or split.novel
    with seeded_initialisation(stream_seed(seed, "novel heads")):
        network = DiscoveryNetwork(known, novel, settings.heads, settings.hidden, settings.projected)
    place(network, split.labelled.images.device)
    return network


def training_views(settings: DiscoverySettings, split: ImageSplit) -> ImageSet:
    """Labelled and unlabelled images together; no label of the latter is in it."""
    hidden = torch.full_like(split.unlabelled.labels, HIDDEN)
    joined = split.labelled.joined(split.unlabelled.with_labels(hidden))
    return two_views(joined, settings.jitter, settings.small_crops, settings.small_side)


def _watch(job: Job[DiscoverySettings], learner: Learner, split: ImageSplit) -> Watch:
    settings = job.settings
    drawn = None
    if settings.drawn and job.seed == 0:
        places = [
            torch.nonzero(split.test.labels == label)[: settings.drawn, 0]
            for label in range(len(split.classes))
        ]
        drawn = split.test.subset(torch.cat(places))
    known = old_cosines(learner.old, split.unlabelled)
    temperature = SOFTENING * settings.learning.temperature
    return Watch(learner.network, split.unlabelled, known, temperature, learner.memory, drawn)


def _discovery(watch: Watch, split: ImageSplit, losses: list[float]) -> Discovery:
    network, head = watch.network, best_head(watch.memory)
    unlabelled, test = (
        network.outputs(predict(network, images)) for images in (split.unlabelled, split.test)
    )
    by_head = unlabelled.novel.argmax(dim=2).cpu().numpy()
    found = Found(by_head[head], test.joint()[head].argmax(dim=1).cpu().numpy(), by_head)
    relation = relation_measures(watch.old_known, unlabelled.known, watch.temperature)
    return Discovery(found, relation, {"training_loss": losses, **watch.curves()})
