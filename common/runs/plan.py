"""The plan: which jobs a paper has at a scale, and which records each of them leaves.

A job is one method of one step at one seed. It makes all cells that share what is costly to set up
(the process, a trained network), and writes one record per cell.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.records.schema import Scale
from common.runs.conditions import Condition, condition_name
from common.runs.config import PaperConfig, StepConfig
from common.runs.seeds import seed_counts, seed_limits
from common.strict import BadInputError, suggest


@dataclass(frozen=True)
class JobSpec:
    """One job: what is run and where its files lie. All paths are relative to the project's root."""

    track: str
    paper: str
    scale: Scale
    step: str
    method: str
    seed: int
    config: StepConfig

    @property
    def settings(self) -> dict[str, Any]:
        """The step's settings with the method's own on top."""
        return {**self.config.settings, **self.config.methods[self.method]}

    @property
    def conditions(self) -> list[Condition]:
        """The conditions of all cells, in order."""
        return self.config.conditions_of(self.method)

    @property
    def records(self) -> list[Path]:
        """The record files of all cells, in the order of `conditions`."""
        return self.records_of(self.seed)

    @property
    def artefact(self) -> Path | None:
        """The file left for later steps, if any."""
        return self.artefact_of(self.seed) if self.config.artefact else None

    @property
    def receipt(self) -> Path:
        """The file that says what the job hung on and what it left."""
        return self.receipt_of(self.seed)

    @property
    def checkpoints(self) -> Path:
        """The folder of what the job has got done, as long as it isn't finished."""
        return self._folder("checkpoints", self.seed)

    def records_of(self, seed: int | str) -> list[Path]:
        """The record files of another seed, which a word such as a wildcard may stand for."""
        folder = self._folder("records", seed)
        return [folder / f"{condition_name(condition)}.json" for condition in self.conditions]

    def artefact_of(self, seed: int | str) -> Path:
        """The artefact of another seed, which a word may stand for; the step must leave one."""
        assert self.config.artefact is not None
        return self._folder("artefacts", seed) / self.config.artefact

    def receipt_of(self, seed: int | str) -> Path:
        """The receipt of another seed, which a word may stand for."""
        folder = self._folder("receipts", seed)
        return folder.with_name(f"{folder.name}.json")

    def config_slice(self) -> str:
        """Canonical JSON of all configuration that the job's numbers hang on."""
        parts = {"settings": self.settings, "conditions": self.conditions, "threads": self.config.threads}
        return json.dumps(parts, sort_keys=True)

    def _folder(self, kind: str, seed: int | str) -> Path:
        return Path("results", self.scale, self.paper, kind, self.step, self.method, f"seed{seed}")


def jobs_lock(scale: Scale, paper: str) -> Path:
    """The lock that all jobs at work on a paper share."""
    return Path("results", scale, paper, ".jobs.lock")


def jobs(config: PaperConfig, scale: Scale, seeds: int | None = None) -> Iterator[JobSpec]:
    """All jobs of a paper at a scale; `seeds` overrides the scale's number of seeds."""
    steps = config.scale(scale).steps
    counts = seed_counts(config.scale(scale), seeds)
    for name, step in steps.items():
        for method, seed in itertools.product(step.methods, range(counts[name])):
            yield JobSpec(config.track, config.paper, scale, name, method, seed, step)


def find_job(config: PaperConfig, scale: Scale, step: str, method: str, seed: int) -> JobSpec:
    """One job by its names; raises BadInputError with a suggestion where there is no such job."""
    steps = config.scale(scale).steps
    if step not in steps:
        raise BadInputError(f"{config.paper} has no step '{step}' at scale {scale}.{suggest(step, steps)}")
    methods = steps[step].methods
    if method not in methods:
        raise BadInputError(
            f"Step '{step}' of {config.paper} has no method '{method}'.{suggest(method, methods)}"
        )
    if not 0 <= seed < seed_limits(config.scale(scale))[step]:
        raise BadInputError(f"Step '{step}' of {config.paper} has no seed {seed}; seeds count from 0.")
    return JobSpec(config.track, config.paper, scale, step, method, seed, steps[step])
