"""Step `parametric`: SimGCD, a classifier of all classes, whose number is given, beside contrastive losses.

Wen, Zhao, Qi 2023, the losses of `parametric_classifier`, from the same network, for as many epochs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from experiments.novel_class_discovery.gmm_gcd.facts import image_facts
from experiments.novel_class_discovery.gmm_gcd.settings import LearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from common.training.image_set import Batch, ImageSet
    from experiments.novel_class_discovery.arrays import Labels
    from experiments.novel_class_discovery.gmm_gcd.learning import Study


class Settings(LearningSettings):
    """Those of every learning step, and ε, the weight of the mean prediction's entropy, on each data set."""

    entropy_weights: dict[str, float]
    default_entropy_weight: float = Field(default=1.0, ge=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the scores of the most likely classes on each data set."""
    from experiments.novel_class_discovery.gmm_gcd.learning import open_study
    from experiments.novel_class_discovery.gmm_gcd.scores import scores, scores_of_new

    for condition in job.conditions:
        study = open_study(job, str(condition["dataset"]), parametric=True)
        losses = learn(job, study)
        images = study.images
        found = classified(study, images.training)[images.labelled :]
        metrics = scores(found, images.hidden, images.known, images.classes, images.classes)
        new = classified(study, images.test)
        metrics |= scores_of_new(new, images.test.labels.cpu().numpy(), images.known)
        settings = job.settings
        facts = image_facts(
            images, settings.data.split, settings.network.backbone, settings.training.epochs, "known"
        )
        yield Result(condition, metrics, facts, {"training_loss": losses})


def learn(job: Job[Settings], study: Study) -> list[float]:
    """Train network and classifier; each epoch's mean loss."""
    from experiments.novel_class_discovery.contrastive import discovery_contrast
    from experiments.novel_class_discovery.gmm_gcd.learning import descend, sampled
    from experiments.novel_class_discovery.parametric_classifier import parametric_loss

    settings, dataset = job.settings, study.images.dataset
    entropy_weight = settings.entropy_weights.get(dataset, settings.default_entropy_weight)

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        outputs, labels = study.network.outputs(logits), study.labels[batch.labels]
        contrast = discovery_contrast(outputs.projections, labels, *settings.contrast.weights)
        return contrast + parametric_loss(
            outputs.cosines,
            labels,
            settings.contrast.labelled_share,
            entropy_weight,
            epoch / settings.training.epochs,
        )

    def images(epoch: int) -> ImageSet:
        return sampled(study, settings, job.seed, epoch)

    return descend(job, study, loss, images, {}, dataset)


def classified(study: Study, images: ImageSet) -> Labels:
    """The most likely class of each image `[n]`."""
    from common.training.descent import predict

    cosines = study.network.outputs(predict(study.network, images)).cosines
    found: Labels = cosines.argmax(dim=1).cpu().numpy()
    return found
