"""Step `tuning`: the accuracy of every network at each learning rate of a grid, on validation images."""

from __future__ import annotations

import json
from collections.abc import Iterator

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.architecture_comparison.settings import ComparisonSettings


class Settings(ComparisonSettings):
    """What is tuned; conditions name `network` and `learning_rate`."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the validation accuracy of each condition; keep all of them as the artefact."""
    from experiments.architecture_comparison.trial import network_facts, open_job, trained

    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its accuracies in: name it rates.json."
        )
    study = open_job(job, "validation")
    found = []
    for condition in job.conditions:
        name, rate = str(condition["network"]), float(condition["learning_rate"])
        trial = trained(job, study, name, rate, job.checkpoints.progress(f"{name} {rate}"))
        found.append({"network": name, "learning_rate": rate, "accuracy": trial.accuracy})
        facts = network_facts(job, study, name, trial.network, "validation", "given")
        yield Result(
            condition, {"validation_accuracy": trial.accuracy}, facts, {"training_loss": trial.losses}
        )
    job.artefact.write_text(json.dumps(found))
