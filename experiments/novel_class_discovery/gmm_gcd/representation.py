"""Step `representation`: features by GCD's two contrastive losses, on which baselines cluster.

Vaze et al., "Generalized Category Discovery" (CVPR 2022): L = (1 - λ) InfoNCE + λ SupCon on projections; the
features of clusterings are the backbone's, of unit length.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.novel_class_discovery.gmm_gcd.facts import LossFacts
from experiments.novel_class_discovery.gmm_gcd.settings import LearningSettings

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from common.training.image_set import Batch, ImageSet
    from experiments.novel_class_discovery.gmm_gcd.learning import Study


class Settings(LearningSettings):
    """Those of every learning step."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the features of all data sets, before and after, as the artefact, and yield the last losses."""
    import numpy as np

    from common.atomic import replacing
    from experiments.novel_class_discovery.gmm_gcd.learning import open_study

    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its features in: name it.")
    kept: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}
    for condition in job.conditions:
        study = open_study(job, str(condition["dataset"]))
        kept |= _features(study, "pretrained")
        losses = learn(job, study)
        kept |= _features(study, "learned")
        facts = LossFacts(
            dataset=study.images.dataset,
            images=len(study.images.training),
            passes=job.settings.training.epochs,
            backbone=job.settings.network.backbone,
        )
        yield Result(condition, {"contrastive_loss": losses[-1]}, facts, {"training_loss": losses})
    with replacing(job.artefact) as temporary, temporary.open("wb") as file:
        np.savez(file, **kept)  # type: ignore[arg-type]


def learn(job: Job[Settings], study: Study) -> list[float]:
    """Train the study's network; each epoch's mean loss."""
    from experiments.novel_class_discovery.contrastive import discovery_contrast
    from experiments.novel_class_discovery.gmm_gcd.learning import descend, sampled

    contrast = job.settings.contrast

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        projections = study.network.outputs(logits).projections
        return discovery_contrast(projections, study.labels[batch.labels], *contrast.weights)

    def images(epoch: int) -> ImageSet:
        return sampled(study, job.settings, job.seed, epoch)

    return descend(job, study, loss, images, {}, study.images.dataset)


def _features(study: Study, name: str) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Of training and of test images."""
    from experiments.novel_class_discovery.gmm_gcd.learning import unit_features

    dataset = study.images.dataset
    return {
        f"{dataset}/{name}/{part}": unit_features(study.network, images).cpu().numpy()
        for part, images in (("training", study.images.training), ("test", study.images.test))
    }
