"""Step `clustering`: clusters in features that stay as they are, their number given or estimated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from common.runs.job import Job, Result
from common.strict import StrictModel
from experiments.novel_class_discovery.gcd_images import GcdSettings
from experiments.novel_class_discovery.gmm_gcd.facts import image_facts
from experiments.novel_class_discovery.gmm_gcd.settings import MixtureSettings

if TYPE_CHECKING:
    import numpy as np

    from experiments.novel_class_discovery.arrays import Labels, Rows
    from experiments.novel_class_discovery.gcd_images import GcdImages
    from experiments.novel_class_discovery.gmm_gcd.estimation import Partition


class Settings(StrictModel):
    """One way to find clusters.

    Attributes:
        kind: plain k-means, GCD's semi-supervised one, the paper's mixture, or all in one cluster.
        features: those of the pretrained network, or of GCD's losses.
        number: of clusters: the true one, or estimated by one of `class_numbers` or by silhouettes; for the
            mixture `start`, from which it goes on.
        most: the highest estimate tried.
        start: the mixture's first number of clusters.
        rounds: of the mixture's E-step.
        components: principal ones of the features, in which the mixture lies.
        initialisations: of k-means, also where a number is sought.
        passes: of the learning behind the features, a fact of the record.
        backbone: likewise.
    """

    data: GcdSettings
    kind: Literal["k_means", "semi_supervised", "mixture", "one_cluster"]
    features: Literal["pretrained", "learned"] = "learned"
    number: Literal["true", "labelled_accuracy", "silhouette", "elbow", "start"] = "true"
    most: int = Field(default=30, ge=3)
    start: int = Field(default=1, ge=1)
    rounds: int = Field(default=1, ge=1)
    components: int = Field(ge=1)
    mixture: MixtureSettings | None = None
    initialisations: int = Field(ge=1)
    passes: int
    backbone: str

    @model_validator(mode="after")
    def _a_mixture_has_its_settings(self) -> Settings:
        if self.kind == "mixture" and self.mixture is None:
            raise ValueError("a mixture needs the settings 'mixture'")
        return self


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the scores on each data set, from the features that the step `representation` kept."""
    import numpy as np

    from experiments.novel_class_discovery.gmm_gcd.scores import scores

    (path,) = job.inputs.values()
    with np.load(path) as kept:
        for condition in job.conditions:
            dataset, settings = str(condition["dataset"]), job.settings
            images = _images(job, dataset)
            features = kept[f"{dataset}/{settings.features}/training"].astype(np.float64)
            found = clusters_of(features, images, settings, job.seed)
            unlabelled = found.clusters[images.labelled :]
            metrics = scores(unlabelled, images.hidden, images.known, images.classes, found.number)
            facts = image_facts(
                images,
                settings.data.split,
                settings.backbone,
                0 if settings.features == "pretrained" else settings.passes,
                "known" if settings.number == "true" else "estimated",
            )
            yield Result(condition, metrics, facts)


def _images(job: Job[Settings], dataset: str) -> GcdImages:
    from common.training.device import best_device
    from experiments.novel_class_discovery.gcd_images import load_gcd_images

    return load_gcd_images(dataset, job.settings.data, job.root, job.seed, best_device(), job.folders)


def clusters_of(features: Rows, images: GcdImages, settings: Settings, seed: int) -> Partition:
    """The partition of features `[n, d]`, labelled ones first."""
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.novel_class_discovery.constrained_k_means import Labelled, semi_supervised_k_means
    from experiments.novel_class_discovery.gmm_gcd.estimation import Partition

    generator = np.random.default_rng(stream_seed(seed, f"clustering {images.dataset}"))
    if settings.kind == "one_cluster":
        return Partition(np.zeros(len(features), dtype=np.int64), 1)
    if settings.kind == "mixture":
        return _mixture(features, images, settings, generator)
    number = _number(features, images, settings, generator)
    if settings.kind == "k_means":
        return Partition(_k_means(features, number, settings.initialisations, generator), number)
    labelled = Labelled(features[: images.labelled], images.given)
    unlabelled = features[images.labelled :]
    found = semi_supervised_k_means(labelled, unlabelled, number, generator, settings.initialisations)
    return Partition(np.concatenate([images.given, found.assigned]), number)


def _number(features: Rows, images: GcdImages, settings: Settings, generator: np.random.Generator) -> int:
    from experiments.novel_class_discovery.gmm_gcd.class_numbers import by_elbow, by_labelled_accuracy
    from experiments.novel_class_discovery.silhouettes import estimate_classes

    match settings.number:
        case "labelled_accuracy":
            return by_labelled_accuracy(features, images.given, settings.most, settings.initialisations)[0]
        case "silhouette":
            found = estimate_classes(features[images.labelled :], generator, settings.most, 1)
            return max(found.classes, images.known)  # semi-supervised k-means can't have fewer
        case "elbow":
            return max(by_elbow(features, settings.most, generator), images.known)
        case "start":
            return settings.start
        case "true":
            return images.classes


def _mixture(
    features: Rows, images: GcdImages, settings: Settings, generator: np.random.Generator
) -> Partition:
    from experiments.novel_class_discovery.gmm_gcd.estimation import check_start, first_partition, settled
    from experiments.novel_class_discovery.gmm_gcd.space import Space, principal_components

    assert settings.mixture is not None  # the settings were checked for it
    points = principal_components(features, settings.components)
    space = Space.of(points, images.given, settings.mixture.relative_scale)
    start = _number(features, images, settings, generator)
    check_start(start, images.known, len(points))
    first = first_partition(space, start, generator, settings.initialisations)
    return settled(space, first, settings.mixture.rules(), generator, settings.rounds)[0]


def _k_means(features: Rows, number: int, initialisations: int, generator: np.random.Generator) -> Labels:
    import numpy as np
    from sklearn.cluster import KMeans

    seed = int(generator.integers(2**31))
    fitted: Labels = KMeans(number, n_init=initialisations, random_state=seed).fit_predict(features)
    return fitted.astype(np.int64)
