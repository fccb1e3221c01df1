"""Ordinary training on all base classes at once, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from common.runs.job import Job, Result
from common.strict import BadInputError
from common.training.descent import Descent, Loss, cross_entropy, predict
from common.training.device import best_device
from common.training.image_set import ImageSet
from common.training.seeding import generator, seeded_initialisation, stream_seed
from experiments.few_shot.backbones import fresh_network, parameter_count
from experiments.few_shot.class_images import ClassImages, load_class_images
from experiments.few_shot.embeddings import embed
from experiments.few_shot.protocol import EmbeddingFacts
from experiments.few_shot.settings import DataSettings, SupervisedSettings


@dataclass(frozen=True)
class Study:
    """One job's images and network, before training."""

    images: ClassImages
    network: nn.Module
    device: torch.device


def open_study(job: Job[Any]) -> Study:
    """Load the images and initialise the network; raises BadInputError where the job keeps no artefact."""
    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its embedding in: name it.")
    settings: SupervisedSettings = job.settings
    device = best_device()
    images = load_class_images(settings.data, job.root, job.folders, job.seed, device)
    classes = len(images.partition.base)
    start = stream_seed(job.seed, job.step)  # another for each generation
    network = fresh_network(settings.backbone, classes, images.channels, start, device, settings.head)
    return Study(images, network, device)


def learn(job: Job[Any], study: Study, objective: str, loss: Loss = cross_entropy) -> Result:
    """Train, embed, keep the embedding as the artefact, and tell how well base classes were learned."""
    settings: SupervisedSettings = job.settings
    network, images = study.network, study.images
    losses: list[float] = []
    if settings.training is not None:
        descent = Descent(network, settings.training, settings.training_rate, loss)
        order, progress = generator(job.seed, f"{job.step} training"), job.checkpoints.progress("training")
        with seeded_initialisation(stream_seed(job.seed, f"{job.step} dropping")):  # as dropout draws, too
            losses = descent.run(images.base, order, progress)
    passes = 0.0 if settings.training is None else float(settings.training.epochs)
    facts = embedding_facts(settings.data, settings.backbone, study, passes, objective)
    copies = generator(job.seed, "copies")
    assert job.artefact is not None  # the study was opened
    embed(network, images.base, images.judged, settings.copies, copies, facts).save(job.artefact)
    metrics = {"training_accuracy": _accuracy(network, images.base)}
    if images.held_out is not None:
        metrics["base_accuracy"] = _accuracy(network, images.held_out)
    curves = {"training_loss": losses} if losses else None
    return Result(job.conditions[0], metrics, facts, curves)


def embedding_facts(
    data: DataSettings, backbone: str, study: Study, passes: float, objective: str
) -> EmbeddingFacts:
    """The facts of an embedding learned from the study's base images."""
    return image_facts(data, study.images, passes, objective, backbone, parameter_count(study.network))


def image_facts(
    data: DataSettings, images: ClassImages, passes: float, objective: str, backbone: str, parameters: int
) -> EmbeddingFacts:
    """The facts of features of the images, whatever made them."""
    partition, base = images.partition, images.base
    return EmbeddingFacts(
        dataset=data.dataset,
        split=data.split,
        training_classes=len(partition.base),
        validation_classes=len(partition.validation),
        novel_classes=len(partition.novel),
        training_images=len(base) if passes else 0,
        training_passes=passes,
        objective=objective,
        backbone=backbone,
        backbone_parameters=parameters,
        side=base.images.shape[1],
        training_augmentation=data.margin > 0,
        rotations=data.rotations,
        resampling=data.resampling if data.dataset == "omniglot" else "none",
    )


def _accuracy(network: nn.Module, images: ImageSet) -> float:
    return float((predict(network, images).argmax(1) == images.labels).double().mean() * 100)
