"""Step of an embedding that others have trained on ImageNet, as it is: outside data, as its facts say."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.few_shot.protocol import EmbeddingFacts
from experiments.few_shot.settings import DataSettings


class Settings(StrictModel):
    """The images, the data set that holds the weights, and the side in pixels to which images are brought.

    Base images serve for the mean feature alone.
    """

    data: DataSettings
    checkpoint: str
    resolution: int = Field(ge=32)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the embedding as the artefact, and yield the dimension of its features."""
    from common.training.device import best_device, place
    from experiments.few_shot.class_images import load_class_images
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.imagenet_network import load_efficientnet, pooled_features

    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its embedding in: name it.")
    settings, device = job.settings, best_device()
    images = load_class_images(settings.data, job.root, job.folders, job.seed, device)
    network = place(load_efficientnet(settings.checkpoint, job.root), device).eval()
    judged, base = (
        pooled_features(network, part.images, settings.resolution) for part in (images.judged, images.base)
    )
    parameters = sum(parameter.numel() for parameter in network.parameters())
    facts = embedding_facts(settings, len(images.partition.novel), parameters)
    none = judged.new_empty(len(judged), 0, 0)
    Embedding({}, judged, images.judged.labels.cpu(), none, base.mean(0), facts).save(job.artefact)
    yield Result(job.conditions[0], {"dimension": float(judged.shape[1])}, facts)


def embedding_facts(settings: Settings, novel_classes: int, parameters: int) -> EmbeddingFacts:
    """No image of the data set was trained on; what ImageNet has of its classes was."""
    return EmbeddingFacts(
        dataset=settings.data.dataset,
        split=settings.data.split,
        training_classes=0,
        validation_classes=0,
        novel_classes=novel_classes,
        training_images=0,
        training_passes=0.0,
        objective="imagenet classifier",
        backbone=settings.checkpoint,
        backbone_parameters=parameters,
        side=settings.resolution,
        training_augmentation=False,
        outside_data="imagenet",
    )
