"""Step `simulation`: Gaussian mixtures whose classes are known, clustered from a wrong number of clusters.

Ours, so that the E-step can be judged apart from features: class means are normal, each two about
`separation` standard deviations of a class apart; half of the points of known classes have labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel, validate
from experiments.novel_class_discovery.gmm_gcd.facts import MixtureFacts
from experiments.novel_class_discovery.gmm_gcd.settings import MixtureSettings

if TYPE_CHECKING:
    import numpy as np

    from experiments.novel_class_discovery.arrays import Labels, Rows
    from experiments.novel_class_discovery.gmm_gcd.estimation import Partition


class Settings(StrictModel):
    """The mixtures, and how clusters are found: by E-steps, or with an estimated number by k-means.

    Attributes:
        rounds: of the E-step.
        initialisations: of k-means, with which all of it begins.
        most: the highest number that an estimate tries.
    """

    kind: Literal["mixture", "released", "labelled_accuracy", "silhouette", "elbow"] = "mixture"
    known: int = Field(ge=1)
    novel: int = Field(ge=1)
    points: int = Field(ge=2)
    dimension: int = Field(ge=1)
    mixture: MixtureSettings
    rounds: int = Field(ge=1)
    initialisations: int = Field(ge=1)
    most: int = Field(default=30, ge=3)


class World(StrictModel):
    """A condition: how far classes are apart, and the first number of clusters (0 where there is none)."""

    separation: float = Field(ge=0)
    start: int = Field(default=0, ge=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the scores of points without a label; of one seed, the same for all methods."""
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.novel_class_discovery.gmm_gcd.scores import scores

    settings = job.settings
    for condition in job.conditions:
        world = validate(World, condition, f"Condition {condition}")
        drawing = np.random.default_rng(stream_seed(job.seed, "points"))
        points, classes, labelled = draw_points(settings, world.separation, drawing)
        generator = np.random.default_rng(stream_seed(job.seed, f"clustering {world.start}"))
        found = _clusters(points, classes[:labelled], world.start, settings, generator)
        total = settings.known + settings.novel
        yield Result(
            condition,
            scores(found.clusters[labelled:], classes[labelled:], settings.known, total, found.number),
            MixtureFacts(
                dimension=settings.dimension,
                separation=world.separation,
                known_classes=settings.known,
                novel_classes=settings.novel,
                points_per_class=settings.points,
                start=world.start,
            ),
        )


def draw_points(
    settings: Settings, separation: float, generator: np.random.Generator
) -> tuple[Rows, Labels, int]:
    """Points `[n, d]` and their classes `[n]`, labelled ones first, and how many these are.

    The difference of two normal means has the expected squared length 2 d s², so s = separation / sqrt(2 d).
    """
    import numpy as np

    total, dimension = settings.known + settings.novel, settings.dimension
    means = generator.normal(size=(total, dimension)) * separation / np.sqrt(2 * dimension)
    classes = np.repeat(np.arange(total), settings.points)
    points = means[classes] + generator.normal(size=(len(classes), dimension))
    within = np.tile(np.arange(settings.points), total)
    hidden = (classes >= settings.known) | (within >= settings.points // 2)
    order = np.argsort(hidden, kind="stable")
    return points[order], classes[order], int((~hidden).sum())


def _clusters(
    points: Rows, labels: Labels, start: int, settings: Settings, generator: np.random.Generator
) -> Partition:
    import numpy as np

    from experiments.novel_class_discovery.gmm_gcd.estimation import (
        check_start,
        first_partition,
        renumbered,
        settled,
    )
    from experiments.novel_class_discovery.gmm_gcd.released import released_e_step
    from experiments.novel_class_discovery.gmm_gcd.space import Space

    space = Space.of(points, labels, settings.mixture.relative_scale)
    number = _estimated(points, labels, settings, generator) or start
    check_start(number, space.known, len(points))
    if settings.kind == "released":
        return released_e_step(space, number, generator)
    first = first_partition(space, number, generator, settings.initialisations)
    if settings.kind == "mixture":
        return settled(space, first, settings.mixture.rules(), generator, settings.rounds)[0]
    return renumbered(np.asarray(first.clusters), space.known)


def _estimated(points: Rows, labels: Labels, settings: Settings, generator: np.random.Generator) -> int:
    """The number of classes by the named estimate; 0 where the condition's start is taken."""
    from experiments.novel_class_discovery.gmm_gcd.class_numbers import by_elbow, by_labelled_accuracy
    from experiments.novel_class_discovery.silhouettes import estimate_classes

    match settings.kind:
        case "labelled_accuracy":
            return by_labelled_accuracy(points, labels, settings.most, settings.initialisations)[0]
        case "silhouette":
            found = estimate_classes(points[len(labels) :], generator, settings.most, 1)
            return max(found.classes, settings.known)
        case "elbow":
            return max(by_elbow(points, settings.most, generator), settings.known)
        case _:
            return 0
