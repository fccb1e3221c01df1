"""Step: the tutorial of the paper's code: a linear embedding of MNIST, digits 0 to 7 old, 8 and 9 new.

What it doesn't say is ours: bytes are divided by 255, batches are Keras's 32, and how many samples the new
digits are added with is a condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel, validate
from experiments.few_shot.hyperspherical_embedding.facts import NovelClassFacts
from experiments.few_shot.hyperspherical_embedding.settings import (
    ImageSettings,
    LearningSettings,
    ObjectiveSettings,
    Samples,
    count_of,
)

if TYPE_CHECKING:
    from experiments.few_shot.hyperspherical_embedding.class_split import ClassSplit

OLD, NEW = tuple(range(8)), (8, 9)


class Settings(StrictModel):
    """The tutorial's numbers."""

    data: ImageSettings
    dimension: int = Field(ge=2)
    objective: ObjectiveSettings
    learning: LearningSettings
    draws: int = Field(ge=1)


class Addition(StrictModel):
    """A condition: how many samples of each new digit are averaged."""

    samples: Samples


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train on eight digits for an epoch, add two, and yield accuracies for each number of samples."""
    import torch

    from common.training.device import best_device
    from common.training.images import Standardise
    from experiments.few_shot.hyperspherical_embedding.class_split import read_images, split_classes
    from experiments.few_shot.hyperspherical_embedding.embedded import embed_split

    settings = job.settings
    images = read_images(settings.data, job.root, job.folders)
    unit_range = Standardise(torch.zeros(1), torch.full((1,), 255.0))
    split = split_classes(images, OLD, NEW, best_device(), unit_range)
    learner, outcome = _learn(job, split)
    embedded = embed_split(learner.network, learner.objective, split)
    for condition in job.conditions:
        addition = validate(Addition, condition, f"Condition {condition}")
        scores = embedded.scores("columns", count_of(addition.samples), settings.draws, job.seed)
        eight, nine = scores.new_recalls()
        yield Result(
            condition,
            metrics={**scores.metrics(), "recall_8": eight, "recall_9": nine},
            protocol=_facts(settings, addition, len(split.old), len(images.judged[1])),
            curves={"training_loss": outcome["losses"]},
            timings={"training": outcome["seconds"]},
        )


def _learn(job: Job[Settings], split: ClassSplit) -> tuple[Any, dict[str, Any]]:
    """The trained learner, its losses and seconds."""
    import time

    from common.training.device import best_device, place
    from common.training.seeding import generator, seeded_initialisation
    from experiments.few_shot.hyperspherical_embedding.embedding_network import LinearEmbedding
    from experiments.few_shot.hyperspherical_embedding.objectives.registry import build_objective
    from experiments.few_shot.hyperspherical_embedding.training import Learner

    settings = job.settings
    with seeded_initialisation(job.seed):
        network = LinearEmbedding(split.old.images[0].numel(), settings.dimension)
        objective = build_objective(settings.objective, len(OLD), settings.dimension)
    learner = Learner(place(network, best_device()), objective.to(best_device()), settings.learning)
    since = time.perf_counter()
    losses = learner.run(split.old, generator(job.seed, "batches"), job.checkpoints.progress("training"))
    return learner, {"losses": losses, "seconds": time.perf_counter() - since}


def _facts(settings: Settings, addition: Addition, training_images: int, test_images: int) -> NovelClassFacts:
    return NovelClassFacts(
        dataset=settings.data.dataset,
        objective=settings.objective.name,
        scale=settings.objective.scale,
        network=f"linear_{settings.dimension}",
        dimension=settings.dimension,
        optimiser="adam",
        learning_rate=settings.learning.learning_rate,
        batch_size=settings.learning.batch_size,
        epochs=settings.learning.epochs,
        trained_on="old",
        training_images=training_images,
        split="tutorial",
        old_classes=len(OLD),
        new_classes=len(NEW),
        samples=str(addition.samples),
        draws=1 if addition.samples == "all" else settings.draws,
        rule="columns",
        test_images=test_images,
        judged=settings.data.judged,
    )
