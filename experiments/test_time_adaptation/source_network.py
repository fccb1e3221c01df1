"""Step `source_network`: train the network that is later adapted, and judge it on clean images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from common.data.arrays import load
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import TrainingSettings
from experiments.test_time_adaptation.named_folders import named_folder
from experiments.test_time_adaptation.protocol import SourceFacts

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from common.data.canonical import Array
    from experiments.test_time_adaptation.source_model import SourceModel


class Settings(StrictModel):
    """Which network is trained on which data set, and how.

    Attributes:
        folder: that the user names, with train/<class>/<picture> and test/<class>/<picture> in it; null where
            the data set is prepared.
    """

    dataset: str
    folder: str | None = None
    network: str
    classes: int = Field(ge=2)
    train_images: int | None = Field(default=None, ge=1)  # the first so many; null: all
    test_images: int | None = Field(default=None, ge=1)
    training: TrainingSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train, save the network with its standardisation as the artefact, and yield the clean error."""
    from common.training.device import best_device
    from experiments.test_time_adaptation.offline import error_percent

    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its network in: name it network.pt."
        )
    settings, device = job.settings, best_device()
    model, losses = _trained(job, *_on_device(job, "train", settings.train_images, device))
    model.save(job.artefact)

    test_images, test_labels = _on_device(job, "test", settings.test_images, device)
    yield Result(
        condition=job.conditions[0],
        metrics={"error_percent": error_percent(_logits(model, test_images), test_labels)},
        curves={"training_loss": losses},
        protocol=_facts(settings, *test_images.shape[:2]),
    )


def _trained(job: Job[Settings], images: Tensor, labels: Tensor) -> tuple[SourceModel, list[float]]:
    """The network in evaluation mode, and its training loss after each epoch."""
    from common.models.registry import small_image_network
    from common.training.classifier import train_classifier
    from common.training.device import place
    from common.training.images import Standardise
    from common.training.seeding import seeded_initialisation
    from experiments.test_time_adaptation.source_model import SourceModel

    settings = job.settings
    with seeded_initialisation(job.seed):
        network = small_image_network(settings.network, settings.classes)
    network = place(network, images.device)
    progress = job.checkpoints.progress("training")
    losses = train_classifier(network, images, labels, settings.training, job.seed, progress)
    standardise, precision = Standardise.of(images), settings.training.precision
    model = SourceModel(
        settings.network, settings.classes, network.eval(), standardise, training_precision=precision
    )
    return model, losses


def _logits(model: SourceModel, images: Tensor) -> Tensor:
    """`[n, classes]` of images as bytes."""
    import torch

    with torch.no_grad():
        return torch.cat([model.network(batch) for batch in torch.split(model.standardise(images), 500)])


def _on_device(
    job: Job[Settings], split: str, count: int | None, device: torch.device
) -> tuple[Tensor, Tensor]:
    import torch

    settings = job.settings
    if settings.folder is None:
        images, labels = _labelled(settings, split, count, job.root)
    else:
        images, labels = _in_folder(settings, split, count, named_folder(job.folders, settings.folder))
    return torch.tensor(images, device=device), torch.tensor(labels, device=device)


def _facts(settings: Settings, images: int, resolution: int) -> SourceFacts:
    return SourceFacts(
        dataset=settings.dataset,
        split="test",
        images=images,
        resolution=resolution,
        network=settings.network,
        weights="trained_here",
        training_precision=settings.training.precision,
    )


def _labelled(settings: Settings, split: str, count: int | None, root: Path) -> tuple[Array, Array]:
    """The first `count` images and labels of a split; raises BadInputError where they don't fit."""
    arrays = load(settings.dataset, root)
    if f"{split}_images" not in arrays:
        raise BadInputError(
            f"Data set {settings.dataset} has no '{split}_images'; it has {', '.join(sorted(arrays))}."
        )
    images, labels = arrays[f"{split}_images"][:count], arrays[f"{split}_labels"][:count]
    if labels.max() >= settings.classes:
        raise BadInputError(
            f"The labels of {settings.dataset} go up to {labels.max()}, but 'classes' is {settings.classes}."
        )
    return images, labels


def _in_folder(settings: Settings, split: str, count: int | None, folder: Path) -> tuple[Array, Array]:
    """As `_labelled`, of pictures; a `count` is of as many classes as can be."""
    import numpy as np
    import torch

    from experiments.test_time_adaptation.image_files import ImageFiles, files_by_class

    classes = files_by_class(folder, split, settings.classes)
    # One of each class in turn, so that the first so many are not all of the first class.
    turns = sorted((turn, label) for label, files in enumerate(classes) for turn in range(len(files)))
    chosen = turns[:count]
    images = ImageFiles([classes[label][turn] for turn, label in chosen], torch.device("cpu"))[:]
    return images.numpy(), np.array([label for _, label in chosen], dtype=np.int64)
