"""E-steps between the epochs of an M-step, and what of their clusters the loss needs and checkpoints keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from common.training.image_set import Batch, ImageSet
from common.training.seeding import stream_seed
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.contrastive import discovery_contrast
from experiments.novel_class_discovery.gmm_gcd.estimation import (
    Partition,
    check_start,
    e_step,
    first_partition,
)
from experiments.novel_class_discovery.gmm_gcd.learning import (
    Study,
    as_rows,
    descend,
    open_study,
    sampled,
    unit_features,
)
from experiments.novel_class_discovery.gmm_gcd.pictures import confusion, latent_coordinates
from experiments.novel_class_discovery.gmm_gcd.prototypes import (
    concentrations,
    prototype_loss,
    unit_centroids,
)
from experiments.novel_class_discovery.gmm_gcd.released import released_e_step
from experiments.novel_class_discovery.gmm_gcd.space import Space, principal_components

if TYPE_CHECKING:
    from common.runs.job import Job
    from experiments.novel_class_discovery.gmm_gcd.joint import Settings


class Alternation:
    """One training of the paper's method; after it, the partition of the last E-step.

    `memory` is what checkpoints keep: the last epoch that began with an E-step, each image's cluster, the
    prototypes and concentrations of all, their number after each E-step, and the latents to be drawn.
    """

    def __init__(self, job: Job[Settings], study: Study, start: int) -> None:
        self.job, self.study, self.start = job, study, start
        check_start(start, study.images.known, len(study.images.training))
        nothing = torch.empty(0, device=study.labels.device)  # where checkpoints put their tensors back
        self.memory: dict[str, Any] = {
            "epoch": -1,
            "clusters": nothing.long(),
            "numbers": [],
            "prototypes": nothing,
            "spreads": nothing,
            "latents": {},
        }
        self.losses: list[float] = []

    @property
    def partition(self) -> Partition:
        """Of all images, labelled ones first."""
        return Partition(self.memory["clusters"].cpu().numpy(), self.memory["numbers"][-1])

    def images(self, epoch: int) -> ImageSet:
        """The epoch's images, after its E-step; an epoch that an earlier attempt has done has had its own."""
        if self.job.settings.warm_up <= epoch and self.memory["epoch"] < epoch:
            self.estimate(epoch)
        return sampled(self.study, self.job.settings, self.job.seed, epoch)

    def loss(self, logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        """The M-step's loss of both views' outputs; `batch.labels` tell the images' places."""
        outputs, settings = self.study.network.outputs(logits), self.job.settings
        labels = self.study.labels[batch.labels]
        total = discovery_contrast(outputs.projections, labels, *settings.contrast.weights)
        if epoch < settings.warm_up:
            return total
        clusters = self.memory["clusters"][batch.labels]
        memory = self.memory
        return total + prototype_loss(outputs.features, clusters, memory["prototypes"], memory["spreads"])

    def estimate(self, epoch: int) -> None:
        """The E-step on the features as they are; clusters and prototypes go to the memory."""
        features = unit_features(self.study.network, self.study.images.training)
        found = self._partition(features, epoch)
        clusters = torch.from_numpy(found.clusters).to(features.device)
        prototypes = unit_centroids(features, clusters, found.number)
        mean = self.job.settings.prototype_temperature
        self.memory |= {
            "epoch": epoch,
            "clusters": clusters,
            "numbers": [*self.memory["numbers"], found.number],
            "prototypes": prototypes,
            "spreads": concentrations(features, clusters, prototypes, mean),
            "latents": self.memory["latents"] | self._latents(features, epoch),
        }

    def nearest_prototypes(self) -> Labels:
        """The cluster of each test image, by itself."""
        features = unit_features(self.study.network, self.study.images.test)
        nearest: Labels = (features @ self.memory["prototypes"].T).argmax(dim=1).cpu().numpy()
        return nearest

    def curves(self) -> dict[str, list[float]]:
        """Loss and number of clusters by epoch; where images are drawn, their latents and the confusion."""
        curves = {"training_loss": self.losses, "clusters": [float(n) for n in self.memory["numbers"]]}
        if not self.job.settings.shown:
            return curves
        images = self.study.images
        clusters = self.partition.clusters[images.labelled :]
        drawn = latent_coordinates(self.memory["latents"], images.hidden[self._shown()])
        return curves | drawn | confusion(clusters, images.hidden, images.classes)

    def _partition(self, features: Tensor, epoch: int) -> Partition:
        mixture = self.job.settings.mixture
        generator = np.random.default_rng(
            stream_seed(self.job.seed, f"e-step {self.study.images.dataset} {epoch}")
        )
        points = principal_components(as_rows(features), self.job.settings.components)
        space = Space.of(points, self.study.images.given, mixture.relative_scale)
        if self.job.settings.e_step == "released":
            return released_e_step(space, self.start, generator)
        before = self.partition if self.memory["numbers"] else first_partition(space, self.start, generator)
        return e_step(space, before, mixture.rules(), generator)

    def _shown(self) -> Labels:
        """Places of the drawn images among those without a label."""
        generator = np.random.default_rng(stream_seed(self.job.seed, "drawn images"))
        count = len(self.study.images.hidden)
        return np.sort(generator.permutation(count)[: self.job.settings.shown])

    def _latents(self, features: Tensor, epoch: int) -> dict[int, Tensor]:
        """Of the drawn images, at the first E-step, in the middle, and at the end."""
        settings = self.job.settings
        moments = (settings.warm_up, settings.training.epochs // 2, settings.training.epochs)
        if not settings.shown or epoch not in moments:
            return {}
        places = self.study.images.labelled + self._shown()
        return {epoch: features[torch.from_numpy(places).to(features.device)].cpu()}


def alternate(job: Job[Settings], dataset: str, start: int) -> Alternation:
    """Train on a data set from so many clusters, and end with an E-step."""
    found = Alternation(job, open_study(job, dataset), start)
    name = f"{dataset} from {start}"
    found.losses = descend(job, found.study, found.loss, found.images, found.memory, name)
    found.estimate(job.settings.training.epochs)
    return found
