"""Step `pixels`: the pixels of an image as its features, for a control that has learned nothing."""

from __future__ import annotations

from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.few_shot.settings import DataSettings


class Settings(StrictModel):
    """Whose pixels."""

    data: DataSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep pixels, standardised by the base images, as the artefact, and yield how many an image has."""
    import torch

    from experiments.few_shot.class_images import load_class_images
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.supervised import image_facts

    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its pixels in: name it.")
    data = job.settings.data
    images = load_class_images(data, job.root, job.folders, job.seed, torch.device("cpu"))
    features = next(images.judged.clean(len(images.judged))).images.flatten(1)
    facts = image_facts(data, images, 0.0, "none", "pixels", 0)
    mean = features.new_zeros(features.shape[1])  # standardised by one mean for all pixels
    copies = features.new_empty(len(features), 0, 0)
    Embedding({}, features, images.judged.labels, copies, mean, facts).save(job.artefact)
    yield Result(job.conditions[0], {"pixels": float(features.shape[1])}, facts)
