"""`python -m common.runs PAPER STEP METHOD…`: run one job, without Snakemake, DVC or MLflow."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer

from common.occupancy import occupy
from common.records.schema import Scale
from common.refusals import refusals_in_words
from common.runs.folders import parse_folders
from common.runs.plan import find_job, jobs_lock
from common.runs.registry import find_config
from common.strict import BadInputError

ROOT = Path.cwd()


def main(
    paper: str,
    step: str,
    methods: Annotated[list[str], typer.Argument(metavar="METHOD...")],
    scale: Annotated[Scale, typer.Option(help="smoke, quick or full")] = "quick",
    seed: Annotated[list[int], typer.Option(help="repeat it to run several")] = [0],  # noqa: B006
    folder: Annotated[list[str], typer.Option(help="name=path of data that the step reads")] = [],  # noqa: B006
) -> None:
    """Run methods of one step at the seeds named, and write their records under results/."""
    try:
        config = find_config(paper, ROOT)
        specs = [find_job(config, scale, step, method, number) for method in methods for number in seed]
        _pin_threads(specs[0].config.threads)
        # Imported once the threads are pinned: torch and jax read them when they are loaded.
        from common.runs.execute import execute

        with refusals_in_words():
            occupy(ROOT / jobs_lock(scale, paper), shared=True)
        since = psutil.Process().create_time()
        for spec in specs:
            with refusals_in_words():
                execute(spec, config, ROOT, parse_folders(folder, spec.config.folders), since)
            since = time.time()
    except BadInputError as error:
        sys.exit(f"error: {error}")


def _pin_threads(threads: int) -> None:
    """One setting for every library: results repeat bit by bit only at a fixed number of threads."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        os.environ[variable] = str(threads)


typer.run(main)
