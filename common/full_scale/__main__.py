"""`python -m common.full_scale [TARGET…] --budget 25m --out DIR`: all full-scale runs, as far as time goes.

Needed are the repository, its prepared data below data/prepared/, and of its packages torch, numpy, pydantic,
PyYAML, typer, psutil and tqdm, with scikit-learn and scipy for membership attacks. Data that were copied are
hashed against the committed manifests once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from common.full_scale.agenda import agenda
from common.full_scale.budget import Budget, parse_duration
from common.full_scale.recording import record_all
from common.full_scale.running import Outcome, Runner, job_name
from common.full_scale.sifting import Sifted, sift
from common.occupancy import is_occupied
from common.records.schema import Scale
from common.runs.folders import parse_folders
from common.runs.plan import JobSpec, jobs_lock
from common.strict import BadInputError

ROOT = Path()


def main(
    targets: Annotated[list[str] | None, typer.Argument(metavar="[PAPER[/STEP[/METHOD]]]...")] = None,
    budget: Annotated[str, typer.Option(help="time until the call ends: 90s, 25m, 1.5h")] = "1000h",
    out: Annotated[Path, typer.Option(help="records go to <out>/papers/<paper>/recorded/")] = ROOT,
    parallel: Annotated[int, typer.Option(min=1, help="jobs at once; they share the GPU")] = 1,
    seed: Annotated[list[int], typer.Option(help="repeat it for several; default: all")] = [],  # noqa: B006
    folder: Annotated[list[str], typer.Option(help="name=path of data that a step reads")] = [],  # noqa: B006
    scale: Annotated[Scale, typer.Option(help="smoke, quick or full")] = "full",
) -> None:
    """Run what TARGETs hang on, in their order; type it again to go on after a kill or the end of time."""
    try:
        clock = Budget(parse_duration(budget))
        specs = agenda(targets or [], scale, seed, ROOT)
        _check_nobody_is_at_work(specs)
        named = parse_folders(folder, [pair.partition("=")[0] for pair in folder])
        sifted = sift(specs, set(named), ROOT)
        _say(f"{len(sifted.done)} of {len(specs)} jobs are done, {len(sifted.ready)} are to run.")
        runner = Runner(ROOT, named, parallel, clock, _say)
        outcome = runner.run(sifted.ready, sifted.done)
        written = record_all([*sifted.done, *outcome.finished], out)
    except BadInputError as error:
        sys.exit(f"error: {error}")
    _report(sifted, outcome, written)
    sys.exit(1 if outcome.failed else 0)


def _say(line: str) -> None:
    print(line, flush=True)


def _check_nobody_is_at_work(specs: Sequence[JobSpec]) -> None:
    """Raise BadInputError where a job of an earlier call lives on, as it may after a kill of that alone."""
    for paper, scale in sorted({(spec.paper, spec.scale) for spec in specs}):
        if is_occupied(ROOT / jobs_lock(scale, paper)):
            raise BadInputError(f"Jobs of {paper} at scale {scale} are at work; wait for them, or end them.")


def _report(sifted: Sifted, outcome: Outcome, written: Sequence[Path]) -> None:
    """What was done, and what is left."""
    gone = {spec.receipt for spec in outcome.finished}
    left = [spec for spec in sifted.ready if spec.receipt not in gone]
    print(f"Finished now: {len(outcome.finished)}; before: {len(sifted.done)}; left: {len(left)}.")
    for spec in left:
        print(f"  left: {job_name(spec)}{' (failed)' if spec in outcome.failed else ''}")
    for spec, why in sifted.out:
        print(f"  left out: {job_name(spec)}: {why}")
    for path in written:
        print(f"recorded: {path}")


typer.run(main)
