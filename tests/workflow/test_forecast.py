"""What a run says before, while and after it runs; no time that is measured is checked."""

from __future__ import annotations

import re

from tests.workflow.jobs import COIN
from tests.workflow.repository import Repository, planned

CHATTER = (
    "Select jobs",
    "Execute ",
    "Finished jobid",
    "steps (",
    "Job stats",
    "Provided cores",
    "Building DAG",
)


def test_a_dry_run_shows_the_forecast_and_what_would_run(ran: Repository) -> None:
    answer = ran.snakemake("--dry-run", "--forceall", "coin_toss")
    said = answer.stdout
    assert "To run: 6 runs, 1 table, 1 page, 4 other." in said
    assert re.search(
        r"^Forecast: [\d.]+ (s|min).* \(80 %: .*\), memory of runs up to \d+ MiB", said, re.MULTILINE
    )
    assert "Nothing is known of" not in said
    assert planned(said) == COIN


def test_the_reasons_are_shown_to_who_asks(ran: Repository) -> None:
    answer = ran.snakemake("--dry-run", "--forceall", "coin_toss", "--quiet", "host")
    assert "Reason: Forced execution" in answer.stdout


def test_a_forced_run_is_told_in_plain_lines_and_foretold(repository: Repository) -> None:
    answer = repository.snakemake("--forceall", "coin_toss")
    assert answer.returncode == 0, answer.stderr
    assert all(line.isprintable() for line in answer.stderr.splitlines())
    assert not [word for word in CHATTER if word in answer.stderr]
    ended = re.findall(r"^done   (.+?)  [\d.]+ .*\[(\d+) of 12 \(\d+ %\)", answer.stderr, re.MULTILINE)
    assert {name for name, _ in ended} == COIN
    assert [int(number) for _, number in ended] == list(range(1, 13))
    assert set(re.findall(r"^start  (.+?)  \(about", answer.stderr, re.MULTILINE)) == COIN
    last = re.findall(r"^All 12 jobs done in .+; forecast: (.+)\.$", answer.stderr, re.MULTILINE)
    assert len(last) == 1
    assert "at least" not in last[0]


def test_a_job_that_fails_stands_out_beside_what_snakemake_says_of_it(repository: Repository) -> None:
    path = repository.path / "experiments/chance/dice/methods/midrange.py"
    path.write_text(path.read_text().replace("(min(rolls)", "(0 / 0 * min(rolls)"))
    answer = repository.snakemake("--keep-going")
    assert answer.returncode == 1
    assert re.search(r"^FAILED dice_estimates_midrange, seed 0  [\d.]+ s", answer.stderr, re.MULTILINE)
    for said in ("ZeroDivisionError", "Error in rule dice_estimates_midrange", "Exiting because a job"):
        assert said in answer.stderr + answer.stdout
    assert "jobs done in" not in answer.stderr


def test_who_wants_to_hear_nothing_hears_nothing_and_the_times_are_kept(repository: Repository) -> None:
    history = repository.path / "results/smoke/.durations.json"
    history.unlink()
    answer = repository.snakemake("--forcerun", "table", "--quiet", "progress", "rules", "host")
    assert answer.returncode == 0, answer.stderr
    assert not re.search(r"^(start|done|Forecast|To run)", answer.stderr, re.MULTILINE)
    assert "dice: table errors" in history.read_text()
