"""Step `transfer`: images of another data set under a trained embedding, to be tested on its classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EmbeddingSettings

if TYPE_CHECKING:
    from pathlib import Path

    from common.training.image_set import ImageSet


class Settings(EmbeddingSettings):
    """`data` and `backbone` are those that the embedding was trained with.

    Attributes:
        target: the prepared data set whose test images are embedded, all of its classes.
        per_class: the first so many test images of each class.
    """

    target: str
    per_class: int = Field(ge=2)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the embedding of the other data set as the artefact, and yield how many images it has."""
    from common.training.device import best_device
    from experiments.few_shot.backbones import fresh_network
    from experiments.few_shot.class_images import load_class_images
    from experiments.few_shot.embeddings import Embedding, clean_features

    if len(job.inputs) != 1 or job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' needs one step with an embedding, and an 'artefact'; name both."
        )
    (path,) = job.inputs.values()
    settings, device, trained = job.settings, best_device(), Embedding.load(path)
    images = load_class_images(settings.data, job.root, job.folders, job.seed, device)
    network = fresh_network(settings.backbone, len(images.partition.base), images.channels, 0, device)
    network.load_state_dict(trained.state)
    target = target_images(job.root, settings, images.base)
    facts = trained.facts.model_copy(update={"dataset": f"{settings.data.dataset} to {settings.target}"})
    features = clean_features(network.eval(), target)
    Embedding(trained.state, features, target.labels.cpu(), trained.copies, trained.base_mean, facts).save(
        job.artefact
    )
    yield Result(job.conditions[0], {"images": float(len(target))}, facts)


def target_images(root: Path, settings: Settings, base: ImageSet) -> ImageSet:
    """The first test images of each class, made as large as `base` and standardised by it.

    Raises BadInputError where the data set has other channels.
    """
    import numpy as np
    import torch
    from torch.nn import functional as F

    from common.data.arrays import load
    from common.training.image_set import ImageSet

    arrays = load(settings.target, root)
    labels = np.asarray(arrays["test_labels"], dtype=np.int64)
    places = np.concatenate(
        [np.flatnonzero(labels == label)[: settings.per_class] for label in np.unique(labels)]
    )
    images = torch.from_numpy(np.array(arrays["test_images"][places]))
    pixels = (images if images.ndim == 4 else images[..., None]).float().permute(0, 3, 1, 2)
    if pixels.shape[1] != base.images.shape[3]:
        raise BadInputError(
            f"{settings.target} has {pixels.shape[1]} channel(s), and the embedding was trained with "
            f"{base.images.shape[3]}; choose another 'target'."
        )
    small = F.interpolate(pixels, base.images.shape[1:3], mode="area").round().byte().permute(0, 2, 3, 1)
    device = base.images.device
    return ImageSet(
        small.contiguous().to(device), torch.from_numpy(labels[places]).to(device), base.standardise
    )
