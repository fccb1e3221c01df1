"""What a job's numbers hang on, now or when it ran, and what has changed between two such moments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from common.data.manifests import content_hash
from common.runs.config import PaperConfig
from common.runs.identity import job_modules
from common.runs.inputs import artefact_hashes, artefact_path, jobs_by_name
from common.runs.plan import JobSpec
from common.runs.receipt import Receipt

Kind = Literal["code", "configuration", "data", "input"]
_CHARACTERS = 12  # of a hash: enough to tell two apart


@dataclass(frozen=True)
class Basis:
    """Each kind of thing that a job hangs on: its name -> its hash, or its value where that is short.

    `code` names modules, `configuration` dotted keys, `data` data sets, `input` artefacts of earlier steps.
    """

    code: dict[str, str]
    configuration: dict[str, str]
    data: dict[str, str]
    input: dict[str, str]


@dataclass(frozen=True)
class Change:
    """One thing that isn't as it was; `before` or `after` is None where it wasn't there."""

    kind: Kind
    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.kind} changed: {self.name} ({_shown(self.before)} → {_shown(self.after)})"


def basis_of(receipt: Receipt) -> Basis:
    """What a job hung on when it ran."""
    return Basis(receipt.modules, flat(receipt.config), receipt.data, receipt.inputs)


def present_basis(spec: JobSpec, config: PaperConfig, root: Path, data: Mapping[str, str]) -> Basis:
    """What the job hangs on now; `data` are hashes of folders that the user named.

    An artefact that isn't there counts as missing from `input`.
    """
    makers = {
        name: maker
        for name, maker in jobs_by_name(spec, config).items()
        if artefact_path(maker, root).is_file()
    }
    return Basis(
        code=job_modules(spec, root),
        configuration=flat(json.loads(spec.config_slice())),
        data={name: content_hash(name, root) for name in spec.config.datasets} | dict(data),
        input=artefact_hashes(makers, root),
    )


def changes(before: Basis, after: Basis) -> list[Change]:
    """Everything that differs, by kind and then by name."""
    kinds: tuple[Kind, ...] = ("code", "configuration", "data", "input")
    return [change for kind in kinds for change in _between(kind, before, after)]


def flat(value: Any, name: str = "") -> dict[str, str]:
    """Nested mappings and lists as dotted keys, each with its value in JSON."""
    if isinstance(value, dict) and value:
        parts = list(value.items())
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        parts = list(enumerate(value))
    else:
        return {name: json.dumps(value, sort_keys=True)}
    flattened: dict[str, str] = {}
    for key, item in parts:
        flattened |= flat(item, f"{name}.{key}" if name else str(key))
    return flattened


def _between(kind: Kind, before: Basis, after: Basis) -> Iterator[Change]:
    old, new = getattr(before, kind), getattr(after, kind)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Change(kind, name, old.get(name), new.get(name))


def _shown(value: str | None) -> str:
    """A value, or as much of a hash as tells it from another."""
    if value is None:
        return "none"
    is_hash = len(value) == 64 and set(value) <= set("0123456789abcdef")
    return value[:_CHARACTERS] if is_hash else value
