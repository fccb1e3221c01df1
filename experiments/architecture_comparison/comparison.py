"""Step `comparison`: train every network of an architecture under the recipe, and test it.

Where the step has an artefact, the trained networks are kept in it, by their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from common.runs.job import Job, Result
from experiments.architecture_comparison.settings import ComparisonSettings


class Settings(ComparisonSettings):
    """What is compared; conditions name the `network`.

    Attributes:
        learning_rate: null: the best of the tuning step that is gathered.
    """

    learning_rate: float | None = Field(default=None, gt=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the test accuracy of each network, and what it costs."""
    from common.models.saving import save_tensors
    from experiments.architecture_comparison.cost import kept_mebibytes
    from experiments.architecture_comparison.rates import chosen_rate
    from experiments.architecture_comparison.trial import network_facts, open_job, trained

    study = open_job(job, "test")
    given = job.settings.learning_rate
    states: dict[str, dict[str, Any]] = {}
    for condition in job.conditions:
        name = str(condition["network"])
        rate = chosen_rate(name, job.gathered) if given is None else given
        trial = trained(job, study, name, rate, job.checkpoints.progress(name))
        facts = network_facts(
            job, study, name, trial.network, "test", "validation" if given is None else "given"
        )
        metrics = {
            "accuracy": trial.accuracy,
            "learning_rate": rate,
            "parameters": float(facts.parameters),
            "multiply_adds": float(facts.multiply_adds),
            "kept_mebibytes": kept_mebibytes(trial.network, study.shape, job.settings.recipe.batch_size),
        }
        if job.artefact is not None:
            state = trial.network.state_dict()
            states[name] = {key: value.cpu().contiguous() for key, value in state.items()}
        yield Result(condition, metrics, facts, {"training_loss": trial.losses})
    if job.artefact is not None:
        save_tensors(states, job.artefact)
