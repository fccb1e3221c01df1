"""Why a number is as it is: the jobs behind a table, a cell, a figure or a claim, and what these hang on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.data.manifests import content_hash
from common.data.seals import state
from common.ledger.basis import flat
from common.ledger.standing import Standing, Standings
from common.ledger.subject import Subject, find_subject
from common.pages.layout import Layout
from common.records.query import Selection
from common.runs.config import PaperConfig
from common.runs.identity import job_modules
from common.runs.inputs import jobs_by_name
from common.runs.plan import JobSpec
from common.runs.registry import find_config, paper_configs


@dataclass(frozen=True)
class DataSet:
    """A data set that jobs read: the hash that its manifest pins, and how the prepared arrays lie there."""

    name: str
    hash: str
    state: str


@dataclass(frozen=True)
class Explanation:
    """All that stands behind what was asked about.

    Attributes:
        jobs: that leave the records it selects.
        earlier: whose artefacts these read, directly or through others.
        config: the file that holds the configuration.
        code: module -> digest, of `jobs` and `earlier`.
        configuration: key -> its values in JSON, of `jobs` and `earlier`; keys of conditions have no number.
        folders: data that the user names.
    """

    layout: Layout
    subject: Subject
    jobs: Sequence[Standing]
    earlier: Sequence[Standing]
    config: str
    code: dict[str, str]
    configuration: dict[str, list[str]]
    data: Sequence[DataSet]
    folders: Sequence[str]


def explain(layout: Layout, name: str, cell: str | None = None, seeds: int | None = None) -> Explanation:
    """Explain the table, figure or claim `name`, or a cell; raises BadInputError for an unknown name.

    `seeds` is as in `snakemake --config seeds=`.
    """
    config = find_config(layout.paper, layout.root)
    subject = find_subject(layout, name, cell)
    standings = Standings(config, layout.scale, layout.root, seeds)
    own = [each for each in standings.by_receipt.values() if _makes(each.spec, subject.selections)]
    earlier = _earlier([each.spec for each in own], config, standings)
    specs = [each.spec for each in (*own, *earlier)]
    return Explanation(
        layout=layout,
        subject=subject,
        jobs=own,
        earlier=earlier,
        config=str(paper_configs(layout.root)[layout.paper].relative_to(layout.root)),
        code={name: digest for spec in specs for name, digest in job_modules(spec, layout.root).items()},
        configuration=_configuration(specs),
        data=[_data_set(name, layout.root) for name in _each(spec.config.datasets for spec in specs)],
        folders=_each(spec.config.folders for spec in specs),
    )


def _makes(spec: JobSpec, selections: Sequence[Selection] | None) -> bool:
    """Whether a job leaves a record that is selected; all are where there is no selection."""
    return selections is None or any(
        selection.covers(spec.step, spec.method, condition)
        for selection in selections
        for condition in spec.conditions
    )


def _earlier(specs: Sequence[JobSpec], config: PaperConfig, standings: Standings) -> list[Standing]:
    """The jobs whose artefacts the jobs read, directly or through others, the nearest first."""
    found: dict[Path, JobSpec] = {}
    waiting = list(specs)
    while waiting:
        for maker in jobs_by_name(waiting.pop(0), config).values():
            if maker.receipt not in found:
                found[maker.receipt] = maker
                waiting.append(maker)
    own = {spec.receipt for spec in specs}
    return [standings.of(spec) for receipt, spec in found.items() if receipt not in own]


def _configuration(specs: Iterable[JobSpec]) -> dict[str, list[str]]:
    """Key -> its distinct values over the jobs; conditions by their names, not by their places."""
    found: dict[str, dict[str, None]] = {}
    for spec in specs:
        parts = json.loads(spec.config_slice())
        conditions = parts.pop("conditions")
        named = [
            (f"conditions.{key}", value) for one in conditions for key, value in flat(one).items() if key
        ]
        for key, value in (*flat(parts).items(), *named):
            found.setdefault(key, {})[value] = None
    return {key: list(values) for key, values in sorted(found.items())}


def _data_set(name: str, root: Path) -> DataSet:
    words = {
        "sealed": "prepared, and untouched since it was verified",
        "touched": "prepared, but touched since it was verified: the next job hashes it anew",
        "absent": "not prepared here; it is before a job reads it",
    }
    return DataSet(name, content_hash(name, root), words[state(name, root)])


def _each(lists: Iterable[Iterable[str]]) -> list[str]:
    """Every name once, in the order of the first."""
    return list(dict.fromkeys(name for names in lists for name in names))
