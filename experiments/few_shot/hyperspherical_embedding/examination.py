"""One network: trained on old classes, its embeddings, and what they are worth under each rule."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from common.checkpoints import Progress
from common.training.device import best_device, place
from common.training.image_set import ImageSet
from common.training.seeding import generator, seeded_initialisation
from experiments.few_shot.hyperspherical_embedding.class_split import (
    AllImages,
    ClassSplit,
    split_classes,
)
from experiments.few_shot.hyperspherical_embedding.embedded import embed_split
from experiments.few_shot.hyperspherical_embedding.embedding_network import ConvolutionalEmbedding
from experiments.few_shot.hyperspherical_embedding.objectives.registry import build_objective
from experiments.few_shot.hyperspherical_embedding.settings import (
    LearningSettings,
    NetworkSettings,
    NovelClassSettings,
    ObjectiveSettings,
    Point,
)
from experiments.few_shot.hyperspherical_embedding.training import Learner
from experiments.few_shot.partitions import random_partition


def examine(
    settings: NovelClassSettings, images: AllImages, points: Sequence[Point], seed: int, progress: Progress
) -> dict[str, Any]:
    """Split the classes, train, embed and measure: plain values, which checkpoints keep.

    All points have the same number of old classes. `metrics` are in their order; `losses` of each epoch,
    `seconds` of the training.
    """
    split = random_split(images, points[0].old, seed, best_device())
    channels = split.old.images.shape[3]
    if settings.objective is None or settings.learning is None:
        network, objective = place(_fresh_network(channels, settings.network, seed), best_device()), None
        outcome: dict[str, Any] = {"losses": [], "seconds": 0.0, "training_images": 0}
    else:
        training = all_classes(split) if settings.trained_on == "all" else split.old
        learner = fresh_learner(training, settings.network, settings.objective, settings.learning, seed)
        since = time.perf_counter()
        losses = learner.run(training, generator(seed, "batches"), progress)
        seconds = time.perf_counter() - since
        outcome = {"losses": losses, "seconds": seconds, "training_images": len(training)}
        network, objective = learner.network, learner.objective
    embedded = embed_split(network, objective, split)
    scores = (embedded.scores(point.rule, point.count, settings.draws, seed) for point in points)
    return {**outcome, "metrics": [each.metrics() for each in scores]}


def random_split(images: AllImages, old: int, seed: int, device: torch.device) -> ClassSplit:
    """The classes that the seed calls old, all others new; more old ones contain those of fewer."""
    new = images.classes - old
    drawn = random_partition(images.classes, old, 0, new, generator(seed, "classes"))
    return split_classes(images, drawn.base, drawn.novel, device)


def all_classes(split: ClassSplit) -> ImageSet:
    """What is learned from of old and new classes, new labels behind the old ones."""
    return split.old.joined(split.new.with_labels(split.new.labels + 1 + split.old.labels.max()))


def fresh_learner(
    images: ImageSet,
    network: NetworkSettings,
    objective: ObjectiveSettings,
    learning: LearningSettings,
    seed: int,
) -> Learner:
    """An objective of the classes of `images`, on a network that is the same for all objectives at a seed."""
    built = place(_fresh_network(images.images.shape[3], network, seed), images.images.device)
    with seeded_initialisation(seed):
        loss = build_objective(objective, int(images.labels.max()) + 1, network.dimension)
    return Learner(built, loss.to(images.images.device), learning)


def _fresh_network(channels: int, network: NetworkSettings, seed: int) -> nn.Module:
    with seeded_initialisation(seed):
        return ConvolutionalEmbedding(channels, network.widths, network.dimension)
