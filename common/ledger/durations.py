"""How long the jobs of a scale took lately: tables, figures, pages and data sets leave no receipt to say so.

They are kept beside the results, as results/<scale>/.durations.json, which no rule makes or reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import PositiveFloat

from common.atomic import write_text
from common.records.schema import MachineFacts
from common.strict import BadInputError, StrictModel, validate

_KEPT = 8  # of a job's durations: enough for their spread, few enough to follow a change


class Lately(StrictModel):
    """One job's last durations in seconds, the latest last, and the bytes that it left then."""

    kind: str
    seconds: list[PositiveFloat]
    bytes: int


class Durations(StrictModel):
    """What machines have shown.

    Attributes:
        machines: machine -> name of a job -> what it took there.
        paces: machine -> how much slower than expected all jobs of an invocation were there, the latest last.
    """

    version: Literal[1] = 1
    machines: dict[str, dict[str, Lately]] = {}
    paces: dict[str, list[PositiveFloat]] = {}

    def with_more(self, machine: str, jobs: Mapping[str, Lately], pace: float) -> Durations:
        """The same with what the jobs of an invocation have just taken on a machine."""
        known = dict(self.machines.get(machine, {}))
        for name, lately in jobs.items():
            before = known[name].seconds if name in known else []
            known[name] = lately.model_copy(update={"seconds": [*before, *lately.seconds][-_KEPT:]})
        paces = [*self.paces.get(machine, []), pace][-_KEPT:]
        return Durations(machines={**self.machines, machine: known}, paces={**self.paces, machine: paces})


def durations_path(results: Path) -> Path:
    """Where the durations of a scale lie."""
    return results / ".durations.json"


def read_durations(results: Path) -> Durations:
    """What is known; none where there is no such file, or one that an earlier version wrote or a user broke.

    It is no more than a memory, and is written anew when the jobs have ended.
    """
    path = durations_path(results)
    try:
        return validate(Durations, json.loads(path.read_text()), str(path))
    except (FileNotFoundError, ValueError, BadInputError):
        return Durations()


def write_durations(durations: Durations, results: Path) -> None:
    """Keep them for the next time."""
    write_text(durations_path(results), durations.model_dump_json(indent=1) + "\n")


def machine_name(facts: MachineFacts) -> str:
    """What makes a machine as fast as it is; its kernel and packages change more often than that does."""
    parts: Sequence[str | None] = (
        facts.processor,
        f"{facts.cores} cores",
        f"{facts.memory_gib:.0f} GiB",
        facts.accelerator,
    )
    return ", ".join(part for part in parts if part)
