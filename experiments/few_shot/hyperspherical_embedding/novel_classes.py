"""Step: train an embedding on old classes, add new ones by their samples, and judge both scenarios."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import validate
from experiments.few_shot.hyperspherical_embedding.facts import NovelClassFacts
from experiments.few_shot.hyperspherical_embedding.settings import NovelClassSettings, Point

if TYPE_CHECKING:
    from experiments.few_shot.hyperspherical_embedding.class_split import AllImages


class Settings(NovelClassSettings):
    """What is trained, and on what."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train a network for each number of old classes and each scale; yield a result for each point."""
    from experiments.few_shot.hyperspherical_embedding.class_split import read_images
    from experiments.few_shot.hyperspherical_embedding.examination import examine

    images = read_images(job.settings.data, job.root, job.folders)
    for (old, scale), conditions in by_network(job.conditions).items():
        settings = job.settings.with_scale(scale)
        points = [Point.model_validate(condition) for condition in conditions]
        study = partial(examine, settings, images, points, job.seed)
        found = job.checkpoints.kept(f"old={old},scale={scale}", study)
        for condition, point, metrics in zip(conditions, points, found["metrics"], strict=True):
            yield Result(
                condition,
                metrics=metrics,
                protocol=_facts(settings, point, images, found["training_images"]),
                curves={"training_loss": found["losses"]} if found["losses"] else None,
                timings={"training": found["seconds"]},
            )


def by_network(
    conditions: list[dict[str, Scalar]],
) -> dict[tuple[int, float | None], list[dict[str, Scalar]]]:
    """Number of old classes and scale -> the conditions that share a trained network.

    Raises BadInputError for a condition that is not a point.
    """
    groups: dict[tuple[int, float | None], list[dict[str, Scalar]]] = defaultdict(list)
    for condition in conditions:
        point = validate(Point, condition, f"Condition {condition}")
        groups[point.old, point.scale].append(condition)
    return groups


def _facts(
    settings: NovelClassSettings, point: Point, images: AllImages, training_images: int
) -> NovelClassFacts:
    objective, learning = settings.objective, settings.learning
    scaled = objective is not None and objective.name.startswith(("normalised_softmax", "arcface"))
    return NovelClassFacts(
        dataset=settings.data.dataset,
        objective="none" if objective is None else objective.name,
        scale=objective.scale if objective is not None and scaled else None,
        network=settings.network.name,
        dimension=settings.network.dimension,
        optimiser="none" if learning is None else "adam",
        learning_rate=None if learning is None else learning.learning_rate,
        batch_size=None if learning is None else learning.batch_size,
        epochs=0 if learning is None else learning.epochs,
        trained_on=settings.trained_on,
        training_images=training_images,
        split="random",
        old_classes=point.old,
        new_classes=images.classes - point.old,
        samples=str(point.samples),
        draws=1 if point.samples == "all" else settings.draws,
        rule=point.rule,
        test_images=len(images.judged[1]),
        judged=settings.data.judged,
    )
