"""A run's receipt says what was made and why; records and data that were tampered with are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from common.ledger.run_receipt import PaperLines, RunReceipt
from tests.workflow.jobs import COIN_TOSSES, DICE_RUNS
from tests.workflow.repository import Repository

CONFIG = "experiments/chance/dice/config.yaml"
COMMAND = "dice estimates mean --scale smoke --seed 1"
RECORD = "results/smoke/dice/records/estimates/mean/seed1/count=40.json"


def read(repository: Repository) -> dict[str, PaperLines]:
    text = (repository.path / "results/receipt.json").read_text()
    return {paper.paper: paper for paper in RunReceipt.model_validate_json(text).papers}


def run(repository: Repository, *arguments: str) -> tuple[dict[str, PaperLines], set[str]]:
    """Run Snakemake; its receipt, and the runs that it says it has executed."""
    answer = repository.snakemake(*arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    receipt = RunReceipt.model_validate_json((repository.path / "results/receipt.json").read_text())
    assert receipt.succeeded
    return read(repository), set(receipt.executed) & (COIN_TOSSES | DICE_RUNS)


def fresh(paper: PaperLines) -> set[str]:
    """The fresh jobs of a paper, named as Snakemake names them."""
    return {
        f"{paper.paper}_{job.step}_{job.method}, seed {job.seed}"
        for job in paper.jobs
        if job.state == "fresh"
    }


def why(paper: PaperLines, step: str, method: str) -> set[tuple[str, ...]]:
    return {tuple(job.why) for job in paper.jobs if (job.step, job.method) == (step, method)}


def test_the_first_run_makes_everything_anew(ran: Repository) -> None:
    papers = read(ran)
    assert fresh(papers["dice"]) == DICE_RUNS
    assert why(papers["dice"], "rolls", "rolling") == {("new: it had never run",)}
    assert {cell.state for cells in papers["dice"].tables.values() for cell in cells} == {"fresh"}


def test_a_run_that_has_nothing_to_do_finds_all_cached(repository: Repository) -> None:
    papers, executed = run(repository)
    assert executed == set()
    for paper in papers.values():
        assert set(paper.count_jobs()) == set(paper.count_cells()) == {"cached"}


def test_an_edit_names_the_module_and_the_key_that_changed(repository: Repository) -> None:
    before = read(repository)["dice"]
    repository.replace("experiments/chance/rounding.py", "round(value, 9)", "round(value, 8)")
    repository.replace(CONFIG, "midrange: {offset: 0.0}", "midrange: {offset: 0.1}")
    papers, executed = run(repository)
    dice = papers["dice"]
    assert fresh(dice) == executed == {job for job in DICE_RUNS if "estimates" in job}
    [[module]] = why(dice, "estimates", "mean")
    assert module.startswith("code changed: experiments.chance.rounding (")
    assert why(dice, "estimates", "midrange") == {("configuration changed: settings.offset (0.0 → 0.1)",)}
    assert why(dice, "rolls", "rolling") == {()}
    assert set(papers["coin_toss"].count_jobs()) == {"cached"}
    changed = {cell.cell for table, cells in dice.tables.items() for cell in cells if cell.state == "fresh"}
    assert changed
    assert {cell.hash for cells in before.tables.values() for cell in cells} == {
        cell.hash for cells in dice.tables.values() for cell in cells
    } or dice.tables != before.tables


def test_what_is_asked_for_again_says_so(repository: Repository) -> None:
    (repository.path / RECORD).unlink()
    papers, executed = run(repository, "dice")
    assert set(papers) == {"dice"}
    assert fresh(papers["dice"]) == executed == {"dice_estimates_mean, seed 1"}
    [reason] = why(papers["dice"], "estimates", "mean") - {()}
    assert reason[0].startswith("nothing that it hangs on changed")


def test_a_failed_run_has_a_receipt_too(repository: Repository) -> None:
    repository.replace("experiments/chance/dice/estimates.py", "abs(guess - 3.5)", "abs(guess / 0)")
    answer = repository.snakemake()
    assert answer.returncode == 1
    receipt = json.loads((repository.path / "results/receipt.json").read_text())
    assert receipt["succeeded"] is False
    states = {
        job["state"] for paper in receipt["papers"] for job in paper["jobs"] if job["step"] == "estimates"
    }
    assert "failed" in states
    assert "fresh" not in states


def better(repository: Repository) -> None:
    path = repository.path / RECORD
    record: dict[str, Any] = json.loads(path.read_text())
    record["metrics"] = {name: value / 2 for name, value in record["metrics"].items()}
    path.write_text(json.dumps(record))


@pytest.mark.parametrize("dates_kept", [False, True])
def test_a_tampered_record_is_named_and_refused(repository: Repository, dates_kept: bool) -> None:
    path = repository.path / RECORD
    times = path.stat()
    better(repository)
    if dates_kept:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    answer = repository.snakemake()
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    assert f"{RECORD} was changed after its job had left it" in said
    assert "type: python -m common.runs dice estimates mean --scale smoke --seed 1" in said
    assert "Traceback" not in said
    refused = [job for job in read(repository)["dice"].jobs if job.state == "refused"]
    assert [(job.method, job.seed) for job in refused] == [("mean", 1)]
    again = repository.run("python", "-m", "common.runs", *COMMAND.split())
    assert again.returncode == 0, again.stderr
    papers, _ = run(repository)
    assert "refused" not in papers["dice"].count_jobs()


def test_tampered_data_are_named_and_refused(repository: Repository) -> None:
    path = repository.path / "data/prepared/toy_faces/faces.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    answer = repository.snakemake()
    assert answer.returncode == 1
    assert (
        f"{path} is not what data/manifests/toy_faces.json pins. Type: python -m common.rules"
        in answer.stderr
    )
    assert repository.run("dvc", "repro", "--quiet", "faces").returncode == 0
    assert run(repository)[1] == set()


def test_a_dry_run_leaves_the_receipt_alone(ran: Repository) -> None:
    before = (ran.path / "results/receipt.json").read_bytes()
    assert ran.snakemake("--dry-run").returncode == 0
    assert (ran.path / "results/receipt.json").read_bytes() == before


def test_the_receipt_reads_as_a_page(ran: Repository) -> None:
    text = (ran.path / "results/receipt.md").read_text()
    assert "| dice | 6 fresh | 2 fresh |" in text
    assert "- **fresh**, 6 jobs: rolls rolling, seeds 0, 1; estimates mean, seeds 0, 1" in text
    assert Path("/") not in [Path(word) for word in text.split() if word.startswith("/")]
