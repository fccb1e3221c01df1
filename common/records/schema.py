"""The record: what one run of one cell at one seed leaves behind."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import Field

from common.strict import StrictModel

Scale = Literal["smoke", "quick", "full"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Scalar = str | int | float | bool


class MachineFacts(StrictModel):
    """Where a run took place; shown beside a number, never part of its identity."""

    processor: str
    cores: int
    memory_gib: float
    accelerator: str | None
    system: str
    python: str
    packages: dict[str, str]


class Cost(StrictModel):
    """What a cell took, in seconds: wall clock and processor time inside training and evaluation."""

    seconds: float
    processor_seconds: float
    threads: int


class Record(StrictModel):
    """One cell at one seed. `identity()` hashes all that must repeat when the run is repeated."""

    schema_version: Literal[1] = 1
    track: Name
    paper: Name
    step: Name
    method: Name
    condition: dict[str, Scalar]
    scale: Scale
    seed: int
    protocol_type: str
    protocol: dict[str, Scalar | None]
    settings: dict[str, Any]
    metrics: dict[str, Annotated[float, Field(allow_inf_nan=False)]]
    curves: str | None = None  # hash of the learning curves in the file beside the record
    data: dict[str, str]  # data set -> canonical content hash
    inputs: dict[str, str]  # artefact of an earlier step -> its hash
    code: str  # digest of the code that the run can reach
    cost: Cost
    machine: MachineFacts
    commit: str
    finished: str  # ISO 8601, UTC

    def identity(self) -> str:
        """Hash of everything but cost, machine, commit and time: equal when a run is repeated."""
        facts = self.model_dump(exclude={"cost", "machine", "commit", "finished"})
        return content_hash(facts)


def content_hash(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
