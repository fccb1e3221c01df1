"""The receipt of a job: what it hung on, what it left, and what that took."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from common.atomic import write_text
from common.records.schema import MachineFacts, Name, Scale
from common.records.store import curves_path, pictures_path
from common.runs.cost import peak_memory_mib
from common.runs.identity import job_modules
from common.runs.plan import JobSpec
from common.strict import BadInputError, StrictModel, read_json, validate


class Receipt(StrictModel):
    """What one job hung on, and what it left.

    Attributes:
        modules: every module that it could reach -> digest of its statements.
        config: its slice of the configuration.
        data: data set -> content hash.
        inputs: artefact of an earlier step -> SHA-256 of its bytes.
        records: path of each record -> SHA-256 of its bytes.
        artefact: SHA-256 of its bytes; None where there is none, or the receipt is of an earlier version.
        seconds: wall clock from the start of the process, or from the end of the job before it there.
        memory_mib: the most that the process held until then.
        bytes: size of the files that the job left.
    """

    version: Literal[1] = 1
    paper: Name
    scale: Scale
    step: Name
    method: Name
    seed: int
    modules: dict[str, str]
    config: dict[str, Any]
    data: dict[str, str]
    inputs: dict[str, str]
    records: dict[str, str]
    artefact: str | None = None
    machine: MachineFacts
    commit: str
    finished: str  # ISO 8601, UTC
    seconds: float
    memory_mib: float
    bytes: int


def write_receipt(spec: JobSpec, root: Path, since: float, facts: Mapping[str, Any]) -> None:
    """Write the receipt of a job that has left its records; `since` is when it began, in seconds since 1970.

    `facts` has the job's data, inputs, machine and commit, as its records have them.
    """
    receipt = Receipt(
        **{name: getattr(spec, name) for name in ("paper", "scale", "step", "method", "seed")},
        **{name: facts[name] for name in ("data", "inputs", "machine", "commit")},
        modules=job_modules(spec, root),
        config=json.loads(spec.config_slice()),
        records={path.as_posix(): file_hash(root / path) for path in spec.records},
        artefact=file_hash(root / spec.artefact) if spec.artefact else None,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.time() - since, 3),
        memory_mib=peak_memory_mib(),
        bytes=sum(path.stat().st_size for path in _files(spec, root)),
    )
    write_text(root / spec.receipt, receipt.model_dump_json(indent=1) + "\n")


def read_receipt(spec: JobSpec, root: Path) -> Receipt | None:
    """The receipt of a job; None where there is none. Raises BadInputError where it can't be used."""
    path = root / spec.receipt
    try:
        data = read_json(path, f"Type: {run_command(spec)}")
    except FileNotFoundError:
        return None
    return validate(Receipt, data, str(path))


def check_untouched(spec: JobSpec, root: Path) -> Receipt:
    """The job's receipt, once it is sure that the records are those that the job left.

    Raises BadInputError, naming the record, where one was changed since, or where there is no receipt.
    """
    receipt = read_receipt(spec, root)
    if receipt is None:
        raise BadInputError(f"{spec.receipt} does not exist, so {_unsure(spec)}")
    for path in spec.records:
        if not (root / path).is_file():
            raise BadInputError(f"{path} does not exist. Type: {run_command(spec)}")
        if file_hash(root / path) != receipt.records.get(path.as_posix()):
            raise BadInputError(
                f"{path} was changed after its job had left it: {spec.receipt} names another content. "
                f"To make it again, type: {run_command(spec)}"
            )
    return receipt


def check_artefact(maker: JobSpec, digest: str, root: Path) -> None:
    """Raise BadInputError where the artefact that a job left has another SHA-256 by now than `digest`."""
    receipt = read_receipt(maker, root)
    if receipt and receipt.artefact not in (None, digest):
        raise BadInputError(
            f"{maker.artefact} was changed after its job had left it: {maker.receipt} names another content. "
            f"To make it again, type: {run_command(maker)}"
        )


def run_command(spec: JobSpec) -> str:
    """The command that runs one job by hand."""
    seed_and_scale = f"--scale {spec.scale} --seed {spec.seed}"
    return f"python -m common.runs {spec.paper} {spec.step} {spec.method} {seed_and_scale}"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unsure(spec: JobSpec) -> str:
    return f"nothing tells whether its records are whole. Type: {run_command(spec)}"


def _files(spec: JobSpec, root: Path) -> Iterable[Path]:
    """The files that a job leaves, those of curves and pictures where it has some."""
    records = [root / path for path in spec.records]
    beside = [path for record in records for path in (curves_path(record), pictures_path(record))]
    artefacts = [root / spec.artefact] if spec.artefact else []
    return [path for path in (*records, *beside, *artefacts) if path.is_file()]
