"""What every step with trainings opens first: images with their labels, and a learner compiled once."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from common.runs.job import Job
from common.strict import BadInputError
from common.training.seeding import stream_seed
from experiments.unlearning.data_diet.facts import DietFacts
from experiments.unlearning.data_diet.images import Images, Study, open_study
from experiments.unlearning.data_diet.keeping import Places, relabelled
from experiments.unlearning.data_diet.learning import Learner, State
from experiments.unlearning.data_diet.networks import Shape, architecture, fresh_networks
from experiments.unlearning.data_diet.settings import DietData, DietTraining, Way
from experiments.unlearning.data_diet.visits import Order


class LaboratorySettings(Protocol):
    """The settings that every step with trainings has."""

    data: DietData
    training: DietTraining
    label_noise: float


@dataclass(frozen=True)
class Laboratory:
    """The images of a job, its training ones under the labels that networks see, and how they are learnt."""

    settings: Any  # LaboratorySettings
    seed: int
    study: Study
    train: Images
    learner: Learner

    def start(self, stream: str, networks: int, alike: bool = False) -> State:
        """Untrained networks; `alike`: all with the same weights, and only their examples differ."""
        names = [f"{stream} {0 if alike else place}" for place in range(networks)]
        seeds = [stream_seed(self.seed, name) for name in names]
        data = self.settings.data
        return self.learner.start(fresh_networks(data.network, self.study.shape, seeds))

    def orders(self, stream: str, kept: list[Places]) -> list[Order]:
        """An order for each network, over the examples that it keeps; refuses less than a batch of them."""
        settings = self.settings
        for places in kept:
            settings.training.steps_per_epoch(len(places))
        return [
            Order(
                places, settings.training.batch_size, stream_seed(self.seed, f"{stream} {place}"),
                settings.data.margin,
            )
            for place, places in enumerate(kept)
        ]  # fmt: skip

    def facts(self, kept: int, score_networks: int | None = None) -> DietFacts:
        """Of networks trained on so many examples."""
        settings, study = self.settings, self.study
        return DietFacts(
            dataset=settings.data.dataset,
            network=settings.data.network,
            training_images=len(study.train),
            kept_images=kept,
            test_images=len(study.test),
            epochs=settings.training.epochs,
            steps=self.learner.steps,
            augmentation=settings.data.margin > 0,
            score_networks=score_networks,
            label_noise=settings.label_noise,
        )


def open_laboratory(job: Job[Any]) -> Laboratory:
    """Read the data and the measured way; raises BadInputError where either can't be used."""
    settings: LaboratorySettings = job.settings
    study = _study(settings.data, job.root)
    chance = np.random.default_rng(stream_seed(job.seed, "label noise"))
    labels = relabelled(study.train.labels, settings.label_noise, chance)
    steps = settings.training.steps(len(study.train))
    learner = _learner(settings.data, settings.training, study.shape, steps, measured_way(job))
    return Laboratory(settings, job.seed, study, replace(study.train, labels=labels), learner)


def measured_way(job: Job[Any]) -> Way:
    """How ensembles are run on this device, as the step that measures it found."""
    if not job.gathered.get("ways"):
        raise BadInputError(
            f"Step '{job.step}' doesn't know how to run an ensemble: write 'gathers: {{ways: 1}}' in its "
            f"configuration, where 'ways' is the step that measures it."
        )
    way: Way = json.loads(job.gathered["ways"][0].read_text())["way"]
    return way


@functools.cache  # seeds and methods that share a process share images and compiled programs
def _study(data: DietData, root: Path) -> Study:
    return open_study(data, root)


@functools.cache
def _learner(data: DietData, training: DietTraining, shape: Shape, steps: int, way: Way) -> Learner:
    return Learner(architecture(data.network, shape), training, steps, data.margin, way)
