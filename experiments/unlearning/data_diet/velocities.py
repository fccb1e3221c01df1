"""Step `velocities`: how fast the kernel of examples of low, middle and high EL2N turns during a training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, validate
from experiments.unlearning.data_diet.settings import DietData, DietTraining

if TYPE_CHECKING:
    from experiments.unlearning.data_diet.keeping import Places
    from experiments.unlearning.score_arrays import Scores

# Where in the order of EL2N the groups lie.
GROUPS = {"lowest": 0.0, "first_quartile": 0.25, "middle": 0.5, "third_quartile": 0.75, "highest": 1.0}


class Settings(StrictModel):
    """Which examples' kernels are followed.

    Attributes:
        epoch: of the EL2N that the groups are taken by.
        group: neighbours in the order of EL2N whose kernel is taken together.
    """

    data: DietData
    training: DietTraining
    epoch: int = Field(ge=1)
    group: int = Field(ge=1)
    label_noise: float = Field(default=0.0, ge=0, lt=1)


class Moment(StrictModel):
    """The velocity is that from this share of the training to an epoch later."""

    trained: float = Field(ge=0, lt=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each epoch, the velocity of every group's kernel."""
    import numpy as np

    from experiments.unlearning.data_diet.kernels import kernel, velocity
    from experiments.unlearning.data_diet.laboratory import open_laboratory
    from experiments.unlearning.data_diet.learning import State
    from experiments.unlearning.data_diet.networks import taken
    from experiments.unlearning.data_diet.resuming import Resumable
    from experiments.unlearning.data_diet.score_reading import mean_scores

    laboratory = open_laboratory(job)
    learner, images = laboratory.learner, laboratory.train
    groups = _groups(mean_scores(job, laboratory, "el2n", job.settings.epoch), job.settings.group)
    shares = [validate(Moment, condition, f"Condition {condition}").trained for condition in job.conditions]
    training = job.settings.training
    moments = [min(training.epoch_at(share), training.epochs - 1) for share in shares]
    wanted = {epoch + later for epoch in moments for later in (0, 1)}
    resumable = Resumable(job.checkpoints.progress("network"))

    def look(epoch: int, state: State) -> None:
        for group, places in groups.items() if epoch in wanted else ():
            gram = kernel(learner.architecture, taken(state.numbers, 0), images.pixels[places])
            resumable.memory[f"{epoch} {group}"] = np.asarray(gram)

    start = laboratory.start("followed network", 1)
    orders = laboratory.orders("followed order", [np.arange(len(images))])
    resumable.train(learner, start, orders, images, each=look)
    kernels = resumable.memory
    for condition, epoch in zip(job.conditions, moments, strict=True):
        yield Result(
            condition=condition,
            metrics={
                f"velocity_{group}": velocity(kernels[f"{epoch} {group}"], kernels[f"{epoch + 1} {group}"])
                for group in groups
            },
            protocol=laboratory.facts(len(images)),
        )


def _groups(scores: Scores, size: int) -> dict[str, Places]:
    """Name of a group -> neighbours in the order of the scores."""
    import numpy as np

    if size > len(scores):
        raise BadInputError(f"A group of {size} doesn't fit into {len(scores)} examples; lower 'group'.")
    order = np.argsort(scores, kind="stable")
    firsts = {group: round(share * (len(order) - size)) for group, share in GROUPS.items()}
    return {group: order[first : first + size] for group, first in firsts.items()}
