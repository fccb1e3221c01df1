"""What the job of a run asks for, in Snakemake's units: megabytes, minutes, GPUs."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.records.schema import Scale
from common.runs.plan import JobSpec

# Of a job alone. What a job takes at most is in its records; these leave room for other machines.
_MEM_MB: dict[Scale, int] = {"smoke": 2_000, "quick": 4_000, "full": 16_000}
_RUNTIME: dict[Scale, int] = {"smoke": 15, "quick": 120, "full": 24 * 60}
_GPU: dict[Scale, int] = {"smoke": 0, "quick": 0, "full": 1}


@dataclass(frozen=True)
class JobResources:
    """What one job asks for; at each attempt the same `runtime`, since a queue may refuse more."""

    runtime: int
    _mem_mb: int
    _gpu: int

    def mem_mb(self, wildcards: Any, attempt: int) -> int:
        """Megabytes: as many again at each attempt, since too few may be why the last one failed."""
        return self._mem_mb * attempt

    def gpu_on(self, snakemake: Any) -> Callable[[Any], int]:
        """GPUs, as a function of the wildcards; `snakemake` is its own workflow, and knows where jobs run.

        A cluster is asked for them whether or not this machine, which hands it the jobs, has any. A machine
        without a GPU runs its jobs side by side on its cores.
        """
        return lambda wildcards: self._gpu if not snakemake.local_exec or _has_gpu() else 0


def job_resources(spec: JobSpec) -> JobResources:
    """What a job asks for that runs `spec`, or several of its step one after the other."""
    scale, asked = spec.scale, spec.config.resources
    return JobResources(
        runtime=_RUNTIME[scale] if asked.runtime is None else asked.runtime,
        _mem_mb=_MEM_MB[scale] if asked.mem_mb is None else asked.mem_mb,
        _gpu=_GPU[scale] if asked.gpu is None else asked.gpu,
    )


@functools.cache
def _has_gpu() -> bool:
    return shutil.which("nvidia-smi") is not None
