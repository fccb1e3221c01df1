"""Benchmarks of whole processes: what Snakemake and the start of jobs cost beside the work itself."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from common.benchmark.entries import Measurement, NotHere, Row
from common.ledger.run_receipt import RunReceipt
from common.warm_start.wire import VARIABLE
from tests.workflow.repository import ROOT, Repository, copy_repository
from tests.workflow.toy_papers import files_of_guide, write

PAPERS = (10, 100, 1000)
ROUNDS = 5
STARTS = {
    "nothing": "pass",
    "torch": "import torch",
    "torch and scikit-learn": "import torch, sklearn.linear_model",
}


def _overhead() -> list[Row]:
    """Of the last `snakemake` here, which must have made all its records anew."""
    receipt = _last_receipt()
    papers = [paper for paper in receipt.papers if any(job.state == "fresh" for job in paper.jobs)]
    cached = sum(job.state != "fresh" for paper in receipt.papers for job in paper.jobs)
    if cached or not papers:
        raise NotHere(f"of the last run's jobs, {cached} weren't run anew; type: make clean reproduce")
    inside = sum(
        json.loads((ROOT / path).read_text())["cost"]["seconds"]
        for paper in papers
        for job in paper.jobs
        for path in job.records
    )
    cores = len(os.sched_getaffinity(0))
    wall = receipt.seconds * cores
    return [
        {
            "scale": receipt.scale,
            "jobs": float(len(receipt.executed)),
            "wall, s": receipt.seconds,
            "in training and evaluation, core s": inside,
            "all core s over those": wall / inside,
        }
    ]


def _planning() -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        repository = copy_repository(Path(folder) / "repository")
        written = 0
        for papers in PAPERS:
            for number in range(written, papers):
                _add_paper(repository, number)
            written = papers
            default = _seconds(lambda: repository.run("snakemake", "--dry-run", "--quiet", "all"))
            every = _seconds(lambda: repository.snakemake("--dry-run", "--quiet", "all", papers="all"))
            rows.append({"papers": float(papers), "flagships, s": default, "all papers, s": every})
    base = float(rows[0]["all papers, s"])
    for row in rows:
        more = float(row["papers"]) - PAPERS[0]
        row["ms per further paper"] = 1e3 * (float(row["all papers, s"]) - base) / more if more else "-"
    return rows


def _add_paper(repository: Repository, number: int) -> None:
    """Another copy of the paper of CONTRIBUTING.md."""
    name = f"coin_toss_{number}"
    paper = {
        path.replace("coin_toss", name): text.replace("coin_toss", name)
        for path, text in files_of_guide().items()
    }
    write(paper, repository.path)


def _warm_results() -> list[Row]:
    """With everything in place: nothing to do, and one table anew."""
    receipt = _last_receipt()
    config = ["--config", f"scale={receipt.scale}"]
    tables = sorted((ROOT / "results" / receipt.scale).glob("*/tables/main.md"))
    if not receipt.succeeded or not tables:
        raise NotHere("nothing is reproduced here; type: make reproduce")
    here = Repository(ROOT)
    table = str(tables[0].relative_to(ROOT))
    commands = {
        "nothing to do": ["snakemake", *config],
        "one table anew": ["snakemake", table, "--forcerun", "table", *config],
        "plan of one table": ["snakemake", table, "--dry-run", *config],
    }
    return [{"what": what, "s": median(_times_of(here, command))} for what, command in commands.items()]


def _times_of(here: Repository, command: Sequence[str]) -> list[float]:
    return [_seconds(lambda: here.run(*command)) for _ in range(3)]


def _warm_start() -> list[Row]:
    """Plain and warm in turn; the server's own imports are over before the first round counts."""
    rows: list[Row] = []
    for name, statement in STARTS.items():
        arguments = ["timeit", "-n", "1", "-r", "1", statement]
        with _server() as surroundings:
            _start(arguments, surroundings)
            _start(arguments, surroundings)
            turns = [
                (_start(arguments, surroundings | {VARIABLE: "no"}), _start(arguments, surroundings))
                for _ in range(ROUNDS)
            ]
        plain, warm = (median(column) for column in zip(*turns, strict=True))
        ratio = median(before / after for before, after in turns)
        rows.append({"imports": name, "plain, s": plain, "warm, s": warm, "times as fast": ratio})
    return rows


@contextmanager
def _server() -> Iterator[dict[str, str]]:
    """The surroundings of jobs that share a server, which ends with the process that stands for Snakemake."""
    snakemake = subprocess.Popen(["sleep", "1000"])
    try:
        server = f"warm-start-{secrets.token_hex(8)} {snakemake.pid}"
        yield {**os.environ, VARIABLE: server, "OMP_NUM_THREADS": "1"}
    finally:
        snakemake.kill()
        snakemake.wait()


def _start(arguments: Sequence[str], surroundings: dict[str, str]) -> float:
    command = [sys.executable, "-S", "-m", "common.warm_start", *arguments]
    return _seconds(
        lambda: subprocess.run(
            command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
        )
    )


def _seconds(run: Callable[[], subprocess.CompletedProcess[str]]) -> float:
    begun = time.perf_counter()
    answer = run()
    spent = time.perf_counter() - begun
    if answer.returncode:
        raise NotHere(f"{answer.args[0]} failed: {answer.stderr[-300:].strip()}")
    return spent


def _last_receipt() -> RunReceipt:
    path = ROOT / "results" / "receipt.json"
    if not path.is_file():
        raise NotHere("nothing is reproduced here; type: make reproduce")
    return RunReceipt.model_validate_json(path.read_text())


BENCHMARKS = [
    Measurement("warm_start", "starting a job: a new process, and a fork of one that is warm", _warm_start),
    Measurement(
        "overhead",
        "the last reproduction, and what of it was training and evaluation",
        _overhead,
        "The rest is Python's start, imports, Snakemake, data, tables, figures, pages and idle cores.",
    ),
    Measurement(
        "planning",
        "`snakemake --dry-run` beside the flagships with more and more papers of eleven jobs each",
        _planning,
        "Nothing of them is made yet, so every job is looked at and printed.",
    ),
    Measurement("in_place", "with all results in place", _warm_results),
]
