"""Step `shifts`: train every network, and see how much shifts change its answers."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from common.runs.job import Job, Result
from experiments.architecture_comparison.settings import ComparisonSettings


class Settings(ComparisonSettings):
    """What is compared; conditions name the `network`.

    Attributes:
        learning_rate: null: the best of the tuning step that is gathered.
        shift_images: the first so many test images are shifted.
        reach: pixels of the worst shift, either way.
    """

    learning_rate: float | None = Field(default=None, gt=0)
    shift_images: int = Field(ge=1)
    reach: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield accuracy as images are and under the worst shift, and consistency under random ones."""
    from common.training.seeding import generator
    from experiments.architecture_comparison.polyphase_anchoring.consistency import (
        random_consistency,
        worst_shift_accuracy,
    )
    from experiments.architecture_comparison.polyphase_anchoring.facts import ShiftFacts
    from experiments.architecture_comparison.rates import chosen_rate
    from experiments.architecture_comparison.trial import network_facts, open_job, trained

    settings = job.settings
    study = open_job(job, "test")
    batch = next(study.judged.clean(settings.shift_images))
    given = settings.learning_rate
    for condition in job.conditions:
        name = str(condition["network"])
        rate = chosen_rate(name, job.gathered) if given is None else given
        trial = trained(job, study, name, rate, job.checkpoints.progress(name))
        chance = generator(job.seed, "shifts")
        metrics = {
            "accuracy": trial.accuracy,
            "worst_shift_accuracy": worst_shift_accuracy(
                trial.network, batch.images, batch.labels, settings.reach
            ),
            "consistency": random_consistency(trial.network, batch.images, "circular", chance),
            "padded_consistency": random_consistency(trial.network, batch.images, "padded", chance),
            "learning_rate": rate,
        }
        metrics["unshifted_accuracy"] = worst_shift_accuracy(trial.network, batch.images, batch.labels, 0)
        track = network_facts(
            job, study, name, trial.network, "test", "validation" if given is None else "given"
        )
        facts = ShiftFacts(
            shift_images=len(batch.labels), reach=settings.reach, **track.model_dump(mode="python")
        )
        yield Result(condition, metrics, facts, {"training_loss": trial.losses})
