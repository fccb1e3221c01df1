"""Step `transfer`: images of another data set under a trained embedding, to be tested on its classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EmbeddingSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from common.training.image_set import ImageSet


class Settings(EmbeddingSettings):
    """`data` and `backbone` are those that the embedding was trained with.

    Attributes:
        target: the prepared data set whose test images are embedded, or the name of a folder that the user
            gives, with data/<class>/<image>.png of one size; all of its classes.
        per_class: the first so many images of each class.
    """

    target: str
    per_class: int = Field(ge=2)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the embedding of the other data set as the artefact, and yield how many images it has."""
    from common.training.device import best_device
    from experiments.few_shot.backbones import fresh_network
    from experiments.few_shot.embeddings import Embedding, clean_features
    from experiments.few_shot.shared_images import shared_images

    if len(job.inputs) != 1 or job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' needs one step with an embedding, and an 'artefact'; name both."
        )
    (path,) = job.inputs.values()
    settings, device, trained = job.settings, best_device(), Embedding.load(path)
    images = shared_images(job)
    network = fresh_network(settings.backbone, len(images.partition.base), images.channels, 0, device)
    network.load_state_dict(trained.state)
    target = target_images(job, images.base)
    labels, name = target.labels.cpu(), f"{settings.data.dataset} to {settings.target}"
    found = {"dataset": name, "novel_classes": len(labels.unique())}
    moved = replace(
        trained,
        features=clean_features(network.eval(), target),
        labels=labels,
        copies=trained.copies[:0],
        facts=trained.facts.model_copy(update=found),
    )
    moved.save(job.artefact)
    yield Result(job.conditions[0], {"images": float(len(target))}, moved.facts)


def target_images(job: Job[Settings], base: ImageSet) -> ImageSet:
    """The first images of each class, made as large as those of `base` and standardised by them.

    Raises BadInputError where the data set has other channels.
    """
    import torch
    from torch.nn import functional as F

    from common.training.image_set import ImageSet

    target, (images, labels) = job.settings.target, _read(job)
    pixels = torch.from_numpy(images).float().permute(0, 3, 1, 2)
    if pixels.shape[1] != base.images.shape[3]:
        raise BadInputError(
            f"{target} has {pixels.shape[1]} channel(s), and the embedding was trained with "
            f"{base.images.shape[3]}; choose another 'target'."
        )
    sides, device = (base.images.shape[1], base.images.shape[2]), base.images.device
    scaled = F.interpolate(pixels, sides, mode="area").round().byte().permute(0, 2, 3, 1)
    return ImageSet(scaled.contiguous().to(device), torch.from_numpy(labels).to(device), base.standardise)


def _read(job: Job[Settings]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Bytes `[n, h, w, channels]` and labels `[n]`, the first images of every class."""
    import numpy as np

    from common.data.arrays import load
    from experiments.few_shot.image_folders import read_class_folders

    settings = job.settings
    if settings.target in job.folders:
        images, labels, _ = read_class_folders(job.folders[settings.target] / "data")
    else:
        arrays = load(settings.target, job.root)
        images = np.asarray(arrays["test_images"], dtype=np.uint8)
        labels = np.asarray(arrays["test_labels"], dtype=np.int64)
    first = [np.flatnonzero(labels == label)[: settings.per_class] for label in np.unique(labels)]
    chosen = np.array(images[np.concatenate(first)])
    return (chosen if chosen.ndim == 4 else chosen[..., None]), labels[np.concatenate(first)]
