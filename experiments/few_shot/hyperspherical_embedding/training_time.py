"""Step: the seconds of training with each objective, measured in turns within one process.

Times are a record's cost, no part of its identity: what repeats bit by bit is how much was trained.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel, validate
from experiments.few_shot.hyperspherical_embedding.facts import TimingFacts
from experiments.few_shot.hyperspherical_embedding.settings import (
    ImageSettings,
    LearningSettings,
    NetworkSettings,
    ObjectiveName,
    ObjectiveSettings,
)

if TYPE_CHECKING:
    from common.training.image_set import ImageSet
    from experiments.few_shot.hyperspherical_embedding.training import Learner


class Settings(StrictModel):
    """What takes turns.

    Attributes:
        old: number of classes trained on.
        steps: of each objective in a round.
        rounds: turns of each; one more before them, to warm up, doesn't count.
    """

    data: ImageSettings
    network: NetworkSettings
    learning: LearningSettings
    old: int = Field(ge=2)
    steps: int = Field(ge=1)
    rounds: int = Field(ge=1)


class Timed(StrictModel):
    """A condition: which objective, with its settings' defaults."""

    objective: ObjectiveName


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train with each objective for a round in turn; yield the number of examples, and the seconds."""
    import torch

    from experiments.few_shot.hyperspherical_embedding.class_split import read_images
    from experiments.few_shot.hyperspherical_embedding.examination import fresh_learner, random_split

    settings = job.settings
    names = [validate(Timed, each, f"Condition {each}").objective for each in job.conditions]
    images = read_images(settings.data, job.root, job.folders)
    training = random_split(images, settings.old, job.seed, torch.device("cpu")).old
    learners: dict[ObjectiveName, Learner] = {}
    for name in names:
        objective = ObjectiveSettings(name=name)
        learners[name] = fresh_learner(training, settings.network, objective, settings.learning, job.seed)
    seconds = take_turns(learners, training, settings, job.seed)
    for condition, name in zip(job.conditions, names, strict=True):
        examples = settings.rounds * settings.steps * settings.learning.batch_size
        yield Result(
            condition,
            metrics={"examples": float(examples)},
            protocol=_facts(settings, name),
            timings={"training_processor": seconds[name]},
        )


def take_turns(
    learners: dict[ObjectiveName, Learner], images: ImageSet, settings: Settings, seed: int
) -> dict[ObjectiveName, float]:
    """Processor seconds of each learner, so that what else the machine does counts for none of them."""
    from common.training.seeding import generator

    seconds: dict[ObjectiveName, float] = defaultdict(float)
    for turn in range(settings.rounds + 1):
        for name, learner in learners.items():
            batches = learner.batches(images, generator(seed, f"turn {turn}"))
            since = time.process_time()
            for batch in islice(batches, settings.steps):
                learner.step(*batch)
            if turn:
                seconds[name] += time.process_time() - since
    return seconds


def _facts(settings: Settings, name: str) -> TimingFacts:
    return TimingFacts(
        dataset=settings.data.dataset,
        objective=name,
        network=settings.network.name,
        classes=settings.old,
        batch_size=settings.learning.batch_size,
        steps=settings.steps,
        rounds=settings.rounds,
    )
