"""What all learning of features here shares: images, the network as it begins, batches, features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from common.runs.job import Job
from common.strict import BadInputError
from common.training.descent import Descent, Loss, predict
from common.training.device import best_device, place
from common.training.image_set import ImageSet
from common.training.seeding import generator, seeded_initialisation, stream_seed
from experiments.novel_class_discovery.contrastive_network import (
    ContrastiveNetwork,
    VisionTransformer,
    fresh_backbone,
)
from experiments.novel_class_discovery.gcd_images import GcdImages, load_gcd_images
from experiments.novel_class_discovery.gmm_gcd.settings import LearningSettings, NetworkSettings
from experiments.novel_class_discovery.view_batches import two_views

FOLDER = "dino"  # the folder with the vision transformer's weights, which the user names
HIDDEN = -1  # the label of an image without one


@dataclass(frozen=True)
class Study:
    """One data set's images, the network that learns from them, and the given labels or HIDDEN `[n]`."""

    images: GcdImages
    network: ContrastiveNetwork
    labels: Tensor


def open_study(job: Job[Any], dataset: str, parametric: bool = False) -> Study:
    """Load the images and the pretrained network; `parametric`: with a prototype of each class."""
    settings: LearningSettings = job.settings
    device = best_device()
    images = load_gcd_images(dataset, settings.data, job.root, job.seed, device, job.folders)
    start = stream_seed(job.seed, f"network {dataset}")
    network = fresh_network(settings.network, images, start, images.classes if parametric else 0)
    if isinstance(network.backbone, VisionTransformer):
        network.backbone.load(_folder(job))
    else:
        _restore(network, job, dataset)
    labels = images.training.labels.clone()
    labels[images.labelled :] = HIDDEN
    return Study(images, network, labels)


def fresh_network(
    settings: NetworkSettings, images: GcdImages, seed: int, classes: int = 0
) -> ContrastiveNetwork:
    """As its initialisation left it, on the best device."""
    standardise = images.training.standardise
    channels = images.training.images.shape[3]
    with seeded_initialisation(seed):
        backbone, dimension = fresh_backbone(
            settings.backbone, channels, standardise.mean.cpu(), standardise.deviation.cpu()
        )
        network = ContrastiveNetwork(backbone, dimension, settings.hidden, settings.projected, classes)
    place(network, best_device())
    return network


def descend(
    job: Job[Any],
    study: Study,
    loss: Loss,
    images: Callable[[int], ImageSet],
    memory: dict[str, Any],
    name: str,
) -> list[float]:
    """Train the network on the images that each epoch has; each epoch's mean loss. `name`: of checkpoints."""
    settings: LearningSettings = job.settings
    network = study.network
    descent = Descent(network, settings.training, settings.learning_rate, loss, network.learning())
    descent.memory = memory
    order = generator(job.seed, f"order {study.images.dataset}")
    return descent.run(images, order, job.checkpoints.progress(name))


def sampled(study: Study, settings: LearningSettings, seed: int, epoch: int) -> ImageSet:
    """As many images as there are, half of them labelled, drawn with replacement; labels tell places."""
    images = study.images.training
    count = len(images)
    places = torch.arange(count, device=images.images.device)
    draws = generator(seed, f"sampled images {study.images.dataset} {epoch}")
    labelled = torch.randint(study.images.labelled, (count // 2,), generator=draws)
    unlabelled = torch.randint(study.images.labelled, count, (count - count // 2,), generator=draws)
    chosen = torch.cat([labelled, unlabelled])
    return two_views(images.with_labels(places).subset(chosen), settings.data.jitter, 0, 0)


def unit_features(network: ContrastiveNetwork, images: ImageSet) -> Tensor:
    """Float32 `[n, d]` of length 1, in evaluation mode; raises BadInputError where they aren't finite."""
    features = network.outputs(predict(network, images)).features
    wrong = int((~torch.isfinite(features)).any(dim=1).sum())
    if wrong:
        raise BadInputError(
            f"{wrong} of {len(features)} images have features that aren't finite: the training has diverged; "
            f"lower 'learning_rate'."
        )
    return F.normalize(features)


def as_rows(features: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Float64, on the CPU."""
    rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = features.cpu().double().numpy()
    return rows


def _folder(job: Job[Any]) -> Path:
    if FOLDER not in job.folders:
        raise BadInputError(
            f"A vision transformer begins with DINO's weights; name their folder: --folder {FOLDER}=<path>."
        )
    return job.folders[FOLDER]


def _restore(network: ContrastiveNetwork, job: Job[Any], dataset: str) -> None:
    """Take the backbone from the step `pretraining_<dataset>`; the projection stays as it is."""
    step = f"pretraining_{dataset}"
    if step not in job.gathered:
        raise BadInputError(
            f"Step '{job.step}' begins with the network of '{step}': add it to its 'gathers'."
        )
    state = torch.load(job.gathered[step][0], map_location="cpu", weights_only=True)
    network.backbone.load_state_dict(state)
