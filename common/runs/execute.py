"""Running one job: hand it to its experiment, and write a record for each result."""

from __future__ import annotations

import importlib
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from common.atomic import replacing
from common.checkpoints import Checkpoints
from common.data.manifests import content_hash as dataset_hash
from common.data.seals import check_unchanged
from common.records.machine import commit_of, machine_facts
from common.records.pictures import encode
from common.records.schema import Cost, Record, content_hash
from common.records.store import write_record
from common.runs.conditions import condition_name
from common.runs.config import PaperConfig
from common.runs.cost import costed
from common.runs.folders import folder_hash
from common.runs.identity import job_digest
from common.runs.inputs import (
    artefact_hashes,
    artefact_path,
    check_present,
    gathered_jobs,
    jobs_by_name,
    needed_jobs,
)
from common.runs.job import Job, Result
from common.runs.plan import JobSpec
from common.runs.receipt import check_artefact, write_receipt
from common.runs.registry import find_method
from common.strict import BadInputError, StrictModel, validate


def execute(
    spec: JobSpec, config: PaperConfig, root: Path, folders: dict[str, Path], since: float | None = None
) -> None:
    """Run the job and write its records and artefact below `root`, and then its receipt.

    Where an earlier attempt was killed, it goes on from the checkpoints, which are removed at the end.
    `since` is when the job began, in seconds since 1970: with its process, unless another call says so.
    Raises BadInputError when the settings, the inputs or the results are not what they must be.
    """
    since = time.time() if since is None else since
    (root / spec.receipt).unlink(missing_ok=True)  # it speaks of records that are about to be replaced
    makers = jobs_by_name(spec, config)
    check_present(spec, makers, root)
    inputs = artefact_hashes(makers, root)
    for name, digest in inputs.items():
        check_artefact(makers[name], digest, root)
    facts = _shared_facts(spec, root, folders) | {"inputs": inputs}
    checkpoints = Checkpoints.open(root / spec.checkpoints, _identity(spec, facts))
    target = replacing(root / spec.artefact) if spec.artefact else nullcontext(None)
    with target as artefact:
        job = Job(
            **{name: getattr(spec, name) for name in ("track", "paper", "scale", "step", "method", "seed")},
            settings=job_settings(spec),
            conditions=spec.conditions,
            root=root,
            **_artefacts(spec, config, root),
            artefact=artefact,
            folders=folders,
            implementation=_implementation(spec, root),
            modules={name: _method(spec, name, root) for name in spec.config.uses},
            checkpoints=checkpoints,
        )
        _write_results(spec, job, facts, root)
    write_receipt(spec, root, since, facts)
    checkpoints.remove()


def _identity(spec: JobSpec, facts: dict[str, Any]) -> str:
    """Hash of all that the numbers of an attempt hang on, what computes them included."""
    machine = facts["machine"]
    computer = [machine.accelerator or machine.processor, machine.python, machine.packages]
    own = {name: value for name, value in facts.items() if name not in ("machine", "commit")}
    return content_hash([own, spec.config_slice(), computer])


def _artefacts(spec: JobSpec, config: PaperConfig, root: Path) -> dict[str, Any]:
    """What the job reads of earlier ones, as an experiment is handed it."""
    gathered = gathered_jobs(spec, config)
    return {
        "inputs": {step: artefact_path(maker, root) for step, maker in needed_jobs(spec, config).items()},
        "gathered": {
            step: [artefact_path(maker, root) for maker in makers] for step, makers in gathered.items()
        },
    }


def job_settings(spec: JobSpec) -> StrictModel:
    """The job's settings, checked by the entry module's `Settings`."""
    entry = importlib.import_module(spec.config.entry)
    for name in ("Settings", "run"):
        if not hasattr(entry, name):
            raise BadInputError(f"{spec.config.entry} defines no {name}; the entry of every step needs one.")
    settings: StrictModel = validate(
        entry.Settings,
        spec.settings,
        f"{spec.paper}, scale {spec.scale}, step {spec.step}, method {spec.method}",
    )
    return settings


def _implementation(spec: JobSpec, root: Path) -> Any:
    if not spec.config.method_modules:
        return None
    return _method(spec, spec.method, root)


def _method(spec: JobSpec, name: str, root: Path) -> ModuleType:
    return importlib.import_module(find_method(spec.track, name, root))


def _shared_facts(spec: JobSpec, root: Path, folders: dict[str, Path]) -> dict[str, Any]:
    """The fields of the job's records that are the same for each of its cells, but for its inputs."""
    for name in spec.config.datasets:
        check_unchanged(name, root)
    data = {name: dataset_hash(name, root) for name in spec.config.datasets}
    data |= {name: folder_hash(path) for name, path in folders.items()}
    return {
        **{name: getattr(spec, name) for name in ("track", "paper", "scale", "step", "method", "seed")},
        "settings": spec.settings,
        "data": data,
        "code": job_digest(spec, root),
        "machine": machine_facts(),
        "commit": _commit(root),
    }


@cache
def _commit(root: Path) -> str:
    """Asked of Git once: a process runs many jobs, all of the code that it began with."""
    return commit_of(root)


def _write_results(spec: JobSpec, job: Job[Any], facts: dict[str, Any], root: Path) -> None:
    entry = importlib.import_module(spec.config.entry)
    waiting = dict(zip(map(repr, spec.conditions), spec.records, strict=True))
    for result, cost in costed(entry.run(job), spec.config.threads, job.checkpoints):
        path = waiting.pop(repr(result.condition), None)
        if path is None:
            raise BadInputError(
                f"{spec.config.entry} yielded {result.condition}, which it was not asked for or had yielded."
            )
        where = f"{spec.config.entry}, {spec.method}, {condition_name(result.condition)}"
        pictures = None if result.pictures is None else encode(result.pictures, where)
        write_record(root / path, _record(result, cost, facts, where), result.curves, pictures)
    if waiting:
        raise BadInputError(f"{spec.config.entry} ended without results for {', '.join(waiting)}.")
    if job.artefact is not None and not job.artefact.is_file():
        raise BadInputError(f"{spec.config.entry} ended without writing its artefact {spec.config.artefact}.")


def _record(result: Result, cost: Cost, facts: dict[str, Any], where: str) -> Record:
    """The record of one result; raises BadInputError where, say, a metric is not a number."""
    own = {
        "condition": result.condition,
        "protocol_type": type(result.protocol).__name__,
        "protocol": result.protocol.model_dump(),
        "metrics": result.metrics,
        "cost": {**cost.model_dump(), "parts": result.timings},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return validate(Record, {**facts, **own}, where)
