"""What an invocation of Snakemake tells whoever looks on: which jobs it will run, how each comes along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class PlannedJob:
    """A job that is going to run.

    Attributes:
        id: Snakemake's number of it in this invocation.
        name: what is said of it, as "dice: table guesses".
        outputs: paths of the files that it makes; those of a run hold one receipt for each method and seed.
        waits_for: ids of the jobs of this invocation whose outputs it reads.
        threads: cores that it takes.
        resources: what else it takes of what is limited, as `gpu`.
    """

    id: int
    name: str
    outputs: tuple[str, ...]
    waits_for: tuple[int, ...]
    threads: int
    resources: Mapping[str, int] = field(default_factory=dict, hash=False)


class Observer(Protocol):
    """Someone who looks on. A dry run ends after `planned`."""

    def planned(self, jobs: Sequence[PlannedJob]) -> None:
        """These jobs, and no others, will run; none where everything is there already."""

    def started(self, job: int) -> None:
        """A job was begun."""

    def finished(self, job: int) -> None:
        """A job has left its outputs."""

    def failed(self, job: int) -> None:
        """A job ended without."""

    def ended(self, succeeded: bool) -> None:
        """No job will run any more."""
