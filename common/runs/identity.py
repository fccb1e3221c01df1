"""What a job's numbers hang on besides its configuration and data: the code that it can reach."""

from __future__ import annotations

from pathlib import Path

from common.runs.digest import code_digest, module_digests
from common.runs.plan import JobSpec
from common.runs.registry import find_method


def job_digest(spec: JobSpec, root: Path) -> str:
    """Digest of the code behind the job: its entry, its method, what it uses, and all that these import."""
    return code_digest(_entries(spec, root), root)


def job_modules(spec: JobSpec, root: Path) -> dict[str, str]:
    """Name -> digest of every module behind the job."""
    return module_digests(_entries(spec, root), root)


def _entries(spec: JobSpec, root: Path) -> list[str]:
    modules = [spec.config.entry]
    if spec.config.method_modules:
        modules.append(find_method(spec.track, spec.method, root))
    return [*modules, *(find_method(spec.track, name, root) for name in spec.config.uses)]
