"""The record: what one run of one cell at one seed leaves behind."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from common.strict import StrictModel

Scale = Literal["smoke", "quick", "full"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Scalar = str | int | float | bool
COST = "cost."  # what a selection's name of a time begins with, and no metric's


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
    """What a cell took: wall clock and processor time inside training and evaluation, memory, energy.

    Attributes:
        parts: wall-clock seconds of what the experiment names within the cell.
        memory_mib: the most that the process held until then, which cells of one job share.
        accelerator_memory_mib: the same on the graphics processor.
        energy_joules: the processor packages' energy, by the process's share of the machine's work.
            The last three are None where they weren't measured.
        resumed: an attempt was killed before. The times are those of all the work behind the cell, in
            whichever attempt it was done, without what a killed one did after its last checkpoint.
    """

    seconds: float
    processor_seconds: float
    threads: int
    parts: dict[Name, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    memory_mib: float | None = None
    accelerator_memory_mib: float | None = None
    energy_joules: float | None = None
    resumed: bool = False

    @model_validator(mode="after")
    def _parts_are_told_from_the_whole(self) -> Cost:
        taken = sorted(self.parts.keys() & {"seconds", "processor_seconds"})
        if taken:
            raise ValueError(f"a part is called '{taken[0]}', which is the time of the whole")
        return self

    def times(self) -> dict[str, float]:
        """Each time in seconds by its name, those of the whole cell first."""
        whole = {"seconds": self.seconds, "processor_seconds": self.processor_seconds}
        return {**whole, **self.parts}


class Record(StrictModel):
    """One cell at one seed. `identity()` hashes all that must repeat when the run is repeated."""

    schema_version: Literal[2] = 2
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
    pictures: str | None = None  # hash of the images in the file beside the record
    data: dict[str, str]  # data set -> canonical content hash
    inputs: dict[str, str]  # artefact of an earlier step -> its hash
    code: str  # digest of the code that the run can reach
    cost: Cost
    machine: MachineFacts
    commit: str
    finished: str  # ISO 8601, UTC

    @field_validator("metrics")
    @classmethod
    def _no_metric_hides_a_time(cls, metrics: dict[str, float]) -> dict[str, float]:
        for name in metrics:
            if name.startswith(COST):
                raise ValueError(f"'{name}' begins with '{COST}', as a time does; rename it")
        return metrics

    def identity(self) -> str:
        """Hash of everything but cost, machine, commit and time: equal when a run is repeated."""
        facts = self.model_dump(exclude={"schema_version", "cost", "machine", "commit", "finished"})
        return content_hash(facts)


def content_hash(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
