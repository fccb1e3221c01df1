"""How the runs behind a cell were made: settings with their sources, protocol facts, machines, threads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from common.records.schema import MachineFacts, Record, Scale
from common.runs.registry import paper_configs
from common.runs.sources import ConfigSources, Configured, Source, flatten


@dataclass(frozen=True)
class Fact:
    """A protocol fact with all values that it has among the runs."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """A setting with its value in the runs; `remark` says where the configuration has another by now."""

    name: str
    values: tuple[str, ...]
    source: Source | None
    remark: str


@dataclass(frozen=True)
class Making:
    """What one or more cells have in common; equal where they were made in the same way.

    `configuration` is the file whose comments are the sources; '' where the paper has none here.
    """

    configuration: str
    step: str
    method: str
    scale: str
    settings: tuple[Setting, ...]
    protocol: tuple[Fact, ...]
    machines: tuple[MachineFacts, ...]
    threads: tuple[str, ...]

    @property
    def differing(self) -> list[Fact]:
        """The protocol facts on which the runs disagree."""
        return [fact for fact in self.protocol if len(fact.values) > 1]

    @property
    def sourced(self) -> int:
        """How many settings have a source."""
        return sum(setting.source is not None for setting in self.settings)


class Makings:
    """Describes runs of one paper, beside its configuration where that is still there."""

    def __init__(self, root: Path, paper: str) -> None:
        self._root = root
        self._path = paper_configs(root).get(paper)
        self._configured: dict[tuple[Scale, str, str], dict[str, Configured]] = {}

    def describe(self, records: Sequence[Record]) -> Making | None:
        """How these runs, all of one step and method, were made; None where there are none."""
        if not records:
            return None
        first = records[0]
        return Making(
            configuration=self._path.relative_to(self._root).as_posix() if self._path else "",
            step=first.step,
            method=first.method,
            scale=first.scale,
            settings=tuple(self._settings(records)),
            protocol=tuple(
                Fact(name, values) for name, values in _joined([record.protocol for record in records])
            ),
            machines=_machines(records),
            threads=_distinct(written(record.cost.threads) for record in records),
        )

    @cached_property
    def _sources(self) -> ConfigSources | None:
        return None if self._path is None else ConfigSources(self._path)

    def _settings(self, records: Sequence[Record]) -> list[Setting]:
        configured = self._configured_for(records[0])
        return [
            _setting(name, values, configured.get(name), self._sources is not None)
            for name, values in _joined([flatten(record.settings) for record in records])
        ]

    def _configured_for(self, record: Record) -> dict[str, Configured]:
        """What the configuration has for the record's job, looked up once; empty without a configuration."""
        job = (record.scale, record.step, record.method)
        if job not in self._configured:
            self._configured[job] = {} if self._sources is None else self._sources.settings(*job)
        return self._configured[job]


def written(value: Any) -> str:
    """A value as a person writes it: text without quotes, the rest as JSON, absent as 'none'."""
    return value if isinstance(value, str) else "none" if value is None else json.dumps(value)


def _setting(
    name: str, values: tuple[str, ...], configured: Configured | None, has_configuration: bool
) -> Setting:
    """A source speaks of the value that stands beside it now, so another value has none."""
    if configured is None:
        return Setting(name, values, None, "no longer in the configuration" if has_configuration else "")
    now = written(configured.value)
    if values != (now,):
        return Setting(name, values, None, f"made with another value than the configuration has now: {now}")
    return Setting(name, values, configured.source, "")


def _joined(items: Sequence[dict[str, Any]]) -> list[tuple[str, tuple[str, ...]]]:
    """Each name in order of its first appearance, with its different values; 'absent' where one lacks it."""
    names = dict.fromkeys(name for item in items for name in item)
    return [
        (name, _distinct(written(item[name]) if name in item else "absent" for item in items))
        for name in names
    ]


def _machines(records: Sequence[Record]) -> tuple[MachineFacts, ...]:
    found: list[MachineFacts] = []
    for record in records:
        if record.machine not in found:
            found.append(record.machine)
    return tuple(found)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
