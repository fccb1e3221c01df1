"""Made-up records for the whole plan of a real paper: every table, claim and page of it without training.

All numbers are drawn from generators seeded by the name of what they stand for, so that the same call
gives the same records on every machine.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from common.claims.verdicts import reach_verdicts
from common.pages.layout import Layout
from common.pages.paper import read_claims
from common.pages.site.claims import selections
from common.pages.tables.schema import read_tables
from common.records.collected import Line
from common.records.query import Selection
from common.records.schema import COST, Cost, MachineFacts, Record, Scale, content_hash
from common.runs.conditions import Condition
from common.runs.plan import JobSpec, jobs
from common.runs.registry import find_config

MACHINE = MachineFacts(
    processor="Made-up 9000",
    cores=2,
    memory_gib=8.0,
    accelerator=None,
    system="Linux",
    python="3.11.0",
    packages={"numpy": "2.4.6", "torch": "2.13.0"},
)
STEPS_OF_A_CURVE = 12


def made_up_lines(
    root: Path, paper: str, scale: Scale = "quick", seeds: int | None = None, draw: int = 0
) -> list[Line]:
    """A line for every cell and seed of the paper's plan, with each metric that its tables and claims want.

    `root` holds papers/ and experiments/; another `draw` gives other numbers. A tenth of the cells have no
    spread over seeds, as in real records.
    """
    wanted = _wanted(root, paper)
    return [
        _line(root, spec, condition, path, sorted(wanted[spec.step, spec.method]), draw)
        for spec in jobs(find_config(paper, root), scale, seeds)
        for condition, path in zip(spec.conditions, spec.records, strict=True)
    ]


def write_made_up_results(
    root: Path, paper: str, scale: Scale = "quick", seeds: int | None = None, draw: int = 0
) -> Layout:
    """Write results/<scale>/<paper>/records.jsonl and verdicts.json below `root`."""
    layout = Layout(root, scale, paper)
    lines = made_up_lines(root, paper, scale, seeds, draw)
    layout.results.mkdir(parents=True, exist_ok=True)
    layout.records.write_text("".join(line.model_dump_json() + "\n" for line in lines))
    claims = read_claims(root, paper)
    if claims is not None:
        verdicts = reach_verdicts(paper, scale, [line.record for line in lines], claims)
        layout.verdicts.write_text(verdicts.model_dump_json(indent=1) + "\n")
    return layout


def link_definitions(root: Path, repository: Path) -> None:
    """Show the definitions of a repository below `root`, so that results and pages land beside, not in it."""
    for folder in ("papers", "experiments", "data/manifests"):
        (root / folder).parent.mkdir(parents=True, exist_ok=True)
        (root / folder).symlink_to(repository / folder, target_is_directory=True)


def _wanted(root: Path, paper: str) -> dict[tuple[str, str], set[str]]:
    """Step and method -> names of the metrics that any table or claim selects of them."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for selection in _selections(root, paper):
        found[selection.step, selection.method].add(selection.metric)
    return found


def _selections(root: Path, paper: str) -> Iterator[Selection]:
    claims = read_claims(root, paper)
    for claim in claims.claims if claims else []:
        yield from selections(claim)
    for table in read_tables(root, paper):
        yield from (table.selection(row, column) for row in table.rows for column in table.columns)


def _line(root: Path, spec: JobSpec, condition: Condition, path: Path, wanted: list[str], draw: int) -> Line:
    cell = f"{draw} {spec.paper} {spec.step} {spec.method} {sorted(condition.items())}"
    values = {name: _value(f"{cell} {name}", spec.seed) for name in wanted}
    curves = {"loss": _curve(f"{cell} {spec.seed}")}
    record = Record(
        **{name: getattr(spec, name) for name in ("track", "paper", "scale", "step", "method", "seed")},
        condition=condition,
        protocol_type="MadeUp",
        protocol={"made_up": True, "threads": spec.config.threads},
        settings=spec.settings,
        metrics={"made_up": 0.0}
        | {name: value for name, value in values.items() if not name.startswith(COST)},
        curves=content_hash(curves),
        data={name: _data_hash(root, name) for name in spec.config.datasets},
        inputs={},
        code=content_hash(spec.config_slice()),
        cost=_cost(spec, values),
        machine=MACHINE,
        commit="0123456789abcdef0123456789abcdef01234567",
        finished="2025-11-22T11:50:00+00:00",
    )
    return Line(path=path.as_posix(), record=record, curves=curves)


def _cost(spec: JobSpec, values: dict[str, float]) -> Cost:
    times = {name.removeprefix(COST): value for name, value in values.items() if name.startswith(COST)}
    parts = {
        name: abs(value) for name, value in times.items() if name not in ("seconds", "processor_seconds")
    }
    random = Random(f"cost {spec.step} {spec.method} {spec.seed}")
    seconds = round(random.uniform(0.1, 90.0), 4)
    return Cost(
        seconds=seconds,
        processor_seconds=2 * seconds,
        threads=spec.config.threads,
        parts=parts,
        memory_mib=round(random.uniform(300.0, 3000.0), 1),
    )


def _value(cell: str, seed: int) -> float:
    """A number between -20 and 100 with a spread of its own over seeds, which some cells lack."""
    of_cell = Random(cell)
    centre, spread = of_cell.uniform(-20.0, 100.0), 10 ** of_cell.uniform(-4.0, 1.0)
    if of_cell.random() < 0.1:
        spread = 0.0
    return centre + spread * Random(f"{cell} {seed}").gauss(0.0, 1.0)


def _curve(cell: str) -> list[float]:
    random = Random(cell)
    return [round(2.3 / (1 + step) + random.uniform(0.0, 0.2), 4) for step in range(STEPS_OF_A_CURVE)]


def _data_hash(root: Path, name: str) -> str:
    manifest: dict[str, Any] = json.loads((root / "data" / "manifests" / f"{name}.json").read_text())
    return str(manifest["content_hash"])
