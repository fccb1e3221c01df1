"""Step `connectivity`: children of one network, spawned at an epoch; is there a barrier between them?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from common.checkpoints import Progress
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, validate
from experiments.unlearning.data_diet.settings import DietData, DietTraining

if TYPE_CHECKING:
    from experiments.unlearning.data_diet.keeping import Places
    from experiments.unlearning.data_diet.laboratory import Laboratory
    from experiments.unlearning.score_arrays import Scores


class Settings(StrictModel):
    """On which examples barriers are measured.

    Attributes:
        epoch: of the EL2N that the groups are taken by.
        group: examples of each: the lowest EL2N, the highest, and any.
        points: networks between the two, besides their ends.
    """

    data: DietData
    training: DietTraining
    epoch: int = Field(ge=1)
    group: int = Field(ge=1)
    points: int = Field(default=9, ge=1)
    label_noise: float = Field(default=0.0, ge=0, lt=1)


class Spawn(StrictModel):
    """The share of the training after which two children begin to see batches of their own."""

    spawn: float = Field(ge=0, lt=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each moment of spawning, the error barriers on three groups, in percent."""
    from experiments.unlearning.data_diet.laboratory import open_laboratory
    from experiments.unlearning.data_diet.score_reading import mean_scores

    laboratory = open_laboratory(job)
    groups = _groups(job, laboratory, mean_scores(job, laboratory, "el2n", job.settings.epoch))
    for condition in job.conditions:
        share = validate(Spawn, condition, f"Condition {condition}").spawn
        spawn = job.settings.training.epoch_at(share)
        compute = partial(_barriers, job, laboratory, groups, spawn)
        yield Result(
            condition=condition,
            metrics=job.checkpoints.kept(f"spawn {spawn}", compute),
            protocol=laboratory.facts(len(laboratory.train)),
        )


def _groups(job: Job[Settings], laboratory: Laboratory, scores: Scores) -> dict[str, Places]:
    import numpy as np

    from common.training.seeding import stream_seed

    size, order = job.settings.group, np.argsort(scores, kind="stable")
    if 2 * size > len(order):
        raise BadInputError(f"Two groups of {size} don't fit into {len(order)} examples; lower 'group'.")
    chance = np.random.default_rng(stream_seed(job.seed, "group of any examples"))
    return {"lowest": order[:size], "highest": order[-size:], "random": chance.permutation(order)[:size]}


def _barriers(
    job: Job[Settings], laboratory: Laboratory, groups: dict[str, Places], spawn: int, progress: Progress
) -> dict[str, float]:
    """Train the parent, then the children to the end, and walk from one to the other."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from experiments.unlearning.data_diet.barriers import error_barrier, errors_along
    from experiments.unlearning.data_diet.images import Images
    from experiments.unlearning.data_diet.learning import train
    from experiments.unlearning.data_diet.resuming import Resumable

    learner, images = laboratory.learner, laboratory.train
    everything = np.arange(len(images))
    parent = train(
        learner,
        laboratory.start("parent network", 1),
        laboratory.orders("parent order", [everything]),
        images,
        range(spawn),
    )
    pair = jax.tree.map(lambda leaf: jnp.concatenate([leaf, leaf]), parent)
    orders = laboratory.orders("child order", [everything, everything])
    children = Resumable(progress).train(learner, pair, orders, images, first=spawn)
    shares = np.linspace(0, 1, job.settings.points + 2)
    barriers = {}
    for name, places in groups.items():
        part = Images(images.pixels[places], images.labels[places])
        errors = 100 * errors_along(learner, children.numbers, part, shares).mean(axis=1)
        barriers[f"barrier_{name}"] = error_barrier(errors, shares)
    test = np.mean(learner.accuracies(children.numbers, laboratory.study.test))
    return barriers | {"accuracy": float(test)}
