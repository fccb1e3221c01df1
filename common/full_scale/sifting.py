"""Which planned jobs are done already, which can be run, and which can't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from common.ledger.standing import Standings
from common.runs.plan import JobSpec
from common.runs.registry import find_config


@dataclass
class Sifted:
    """The jobs of an agenda: those up to date, those to be run, and those left out with the reason."""

    done: list[JobSpec] = field(default_factory=list)
    ready: list[JobSpec] = field(default_factory=list)
    out: list[tuple[JobSpec, str]] = field(default_factory=list)


def sift(specs: Sequence[JobSpec], folders: set[str], root: Path) -> Sifted:
    """Sort the jobs out by their receipts; `folders` are those that the user has named.

    Raises BadInputError for a receipt that can't be used.
    """
    sifted = Sifted()
    standings: dict[str, Standings] = {}
    for spec in specs:
        config = find_config(spec.paper, root)
        if spec.paper not in standings:
            standings[spec.paper] = Standings(config, spec.scale, root)
        lacking = sorted(set(spec.config.folders) - folders)
        standing = standings[spec.paper].of(spec)
        if standing.word == "up to date":
            sifted.done.append(spec)
        elif lacking:
            sifted.out.append((spec, f"add --folder {lacking[0]}=<path>"))
        elif standing.word == "changed by hand":
            sifted.out.append((spec, "; ".join(reason.shown(3) for reason in standing.reasons)))
        else:
            sifted.ready.append(spec)
    return sifted
