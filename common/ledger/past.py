"""What jobs took before, to be found by what is most like the job in question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from common.ledger.kinds import RunName

Likeness = Literal["same", "seeds", "methods"]
Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Observation:
    """What something took once: seconds, memory in MiB and bytes left, None where it isn't known.

    `here`: on this machine, as far as its processor, cores, memory and accelerator tell.
    """

    seconds: float
    memory_mib: float | None = None
    bytes: int | None = None
    here: bool = True


@dataclass(frozen=True)
class Precedent:
    """What is most like something, and how: the same, other seeds of its method, or its like."""

    likeness: Likeness
    here: bool
    observations: Sequence[Observation]


class Past:
    """All that is known of earlier runs and jobs."""

    def __init__(self) -> None:
        self._found: dict[bool, dict[Key, list[Observation]]] = {
            True: defaultdict(list),
            False: defaultdict(list),
        }

    def add_run(self, run: RunName, observation: Observation) -> None:
        """Remember what one run took."""
        self._add(_keys_of_run(run), observation)

    def add_job(self, name: str, kind: str, observation: Observation) -> None:
        """Remember what a job took, whatever it is made of."""
        self._add(_keys_of_job(name, kind), observation)

    def run(self, run: RunName) -> Precedent | None:
        """What is most like the run: itself, else other seeds of the method, else other methods of the step.

        Another machine counts only where this one knows of none of them.
        """
        return self._like(_keys_of_run(run))

    def job(self, name: str, kind: str) -> Precedent | None:
        """The same for a job: itself, else others of its kind, which for a job of runs says nothing."""
        keys = _keys_of_job(name, kind)
        return self._like({"same": keys["same"]} if kind == "run" else keys)

    def steps(self) -> Iterator[tuple[str, str]]:
        """Paper and step of all runs that are known."""
        keys = {key for found in self._found.values() for key in found if key[0] == "step"}
        return ((str(paper), str(step)) for _, paper, step in sorted(keys))

    def _add(self, keys: dict[Likeness, Key], observation: Observation) -> None:
        for key in keys.values():
            self._found[observation.here][key].append(observation)

    def _like(self, keys: dict[Likeness, Key]) -> Precedent | None:
        for here, found in self._found.items():
            for likeness, key in keys.items():
                if key in found:
                    return Precedent(likeness, here, found[key])
        return None


def _keys_of_run(run: RunName) -> dict[Likeness, Key]:
    return {
        "same": ("run", *run),
        "seeds": ("method", run.paper, run.step, run.method),
        "methods": ("step", run.paper, run.step),
    }


def _keys_of_job(name: str, kind: str) -> dict[Likeness, Key]:
    return {"same": ("job", name), "methods": ("kind", kind)}
