"""Step `joint`: features and clusters learned in turn, the paper's method, from a first number of clusters.

Zhao, Wen, Han, "Learning Semi-supervised Gaussian Mixture Models for Generalized Category Discovery" (ICCV
2023, arXiv:2305.06144). Each epoch after a warm-up begins with an E-step (`estimation`) on the features of
all images; the M-step then descends L = (1 - λ) InfoNCE + λ SupCon + L_proto (`prototypes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.runs.job import Job, Result
from experiments.novel_class_discovery.gmm_gcd.facts import image_facts
from experiments.novel_class_discovery.gmm_gcd.settings import LearningSettings, MixtureSettings

if TYPE_CHECKING:
    from experiments.novel_class_discovery.gmm_gcd.alternation import Alternation


class Settings(LearningSettings):
    """The M-step's and the E-step's settings.

    Attributes:
        components: principal ones of the features, in which clusters are found.
        e_step: the paper's, or the released code's, which differs from it (see `released`).
        prototype_temperature: the mean τ of φ.
        warm_up: epochs without prototypes.
        shown: so many unlabelled images are drawn in the latent space; 0: none.
    """

    components: int = Field(ge=1)
    mixture: MixtureSettings
    e_step: Literal["paper", "released"] = "paper"
    prototype_temperature: float = Field(gt=0)
    warm_up: int = Field(ge=0)
    shown: int = Field(default=0, ge=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the scores of the last E-step's clusters, for each data set and first number of clusters."""
    from experiments.novel_class_discovery.gmm_gcd.alternation import alternate

    for condition in job.conditions:
        found = alternate(job, str(condition["dataset"]), int(condition["start"]))
        images = found.study.images
        known_number = not job.settings.mixture.moves and int(condition["start"]) == images.classes
        facts = image_facts(
            images,
            job.settings.data.split,
            job.settings.network.backbone,
            job.settings.training.epochs,
            "known" if known_number else "estimated",
        )
        yield Result(condition, _metrics(found), facts, found.curves())


def _metrics(found: Alternation) -> dict[str, float]:
    from experiments.novel_class_discovery.gmm_gcd.scores import scores, scores_of_new

    images = found.study.images
    clusters = found.partition.clusters[images.labelled :]
    metrics = scores(clusters, images.hidden, images.known, images.classes, found.partition.number)
    new = scores_of_new(found.nearest_prototypes(), images.test.labels.cpu().numpy(), images.known)
    return metrics | new
