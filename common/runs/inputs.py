"""What a job reads of earlier jobs: whose artefacts, whether they are there, and their hashes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from common.runs.config import PaperConfig
from common.runs.plan import JobSpec, find_job
from common.strict import BadInputError


def needed_jobs(job: JobSpec, config: PaperConfig) -> dict[str, JobSpec]:
    """Step -> the job of the same seed whose artefact `job` reads: of its own method, or of the only one."""
    return {step: _maker(job, step, job.seed, config) for step in job.config.needs}


def gathered_jobs(job: JobSpec, config: PaperConfig) -> dict[str, list[JobSpec]]:
    """Step -> the jobs of the seeds 0, 1, … whose artefacts `job` reads together, by the same rule."""
    return {
        step: [_maker(job, step, seed, config) for seed in range(number)]
        for step, number in job.config.gathers.items()
    }


def jobs_by_name(job: JobSpec, config: PaperConfig) -> dict[str, JobSpec]:
    """All jobs whose artefacts `job` reads, as its records name them: `tuning`; gathered, `tuning/seed0`."""
    gathered = gathered_jobs(job, config)
    return needed_jobs(job, config) | {
        f"{step}/seed{maker.seed}": maker for step, makers in gathered.items() for maker in makers
    }


def artefact_path(maker: JobSpec, root: Path) -> Path:
    """Where the artefact lies that the job `maker` leaves."""
    return root / maker.artefact_of(maker.seed)


def check_present(job: JobSpec, makers: dict[str, JobSpec], root: Path) -> None:
    """Raise BadInputError with the command that makes the first of the artefacts that isn't there."""
    for maker in makers.values():
        path = artefact_path(maker, root)
        if not path.is_file():
            raise BadInputError(
                f"{job.step}/{job.method} at seed {job.seed} needs {path}, which step '{maker.step}' makes. "
                f"Type: python -m common.runs {maker.paper} {maker.step} {maker.method} "
                f"--scale {maker.scale} --seed {maker.seed}"
            )


def artefact_hashes(makers: dict[str, JobSpec], root: Path) -> dict[str, str]:
    """Name of an artefact -> SHA-256 of its bytes."""
    return {
        name: hashlib.sha256(artefact_path(maker, root).read_bytes()).hexdigest()
        for name, maker in makers.items()
    }


def _maker(job: JobSpec, step: str, seed: int, config: PaperConfig) -> JobSpec:
    method = config.scale(job.scale).steps[step].method_for(job.method)
    assert method is not None  # the configuration was checked for it
    return find_job(config, job.scale, step, method, seed)
