"""What each kind of target stands for; `--forceall` plans all that a target needs, made or not."""

from __future__ import annotations

import pytest

from tests.workflow.jobs import (
    COIN,
    DATA,
    DICE_COLLECTED,
    DICE_FIGURE,
    DICE_PAGE,
    DICE_REPORT,
    DICE_RESULTS,
    DICE_RUNS,
    ERRORS,
    ESTIMATES_COLLECTED,
    FRONT,
    ROLLS_COLLECTED,
)
from tests.workflow.repository import Repository

DICE = {DATA, *DICE_RUNS, *ROLLS_COLLECTED, *DICE_RESULTS, DICE_REPORT, DICE_PAGE}
DICE_RECORDS = {DATA, *DICE_RUNS}

TARGETS: dict[str, set[str]] = {
    "all": {*COIN, *DICE, FRONT},
    "site": {*COIN, *DICE, FRONT},
    "results/smoke/dice/tables/errors.md": {*DICE_RECORDS, *ESTIMATES_COLLECTED, ERRORS},
    "results/smoke/dice/figures/guesses.svg": {*DICE_RECORDS, *ROLLS_COLLECTED, *DICE_COLLECTED, DICE_FIGURE},
    "results/smoke/dice/report.pdf": {*DICE_RECORDS, *ROLLS_COLLECTED, *DICE_RESULTS, DICE_REPORT},
    "records": {*DICE_RECORDS, *(job for job in COIN if ", seed " in job)},
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_needs_these_jobs(target: str, ran: Repository) -> None:
    assert ran.plan(target, "--forceall") == TARGETS[target]


@pytest.mark.parametrize("target", ["chance", "site/smoke/dice/index.html"])
def test_a_paper_that_is_named_needs_no_selecting(target: str, ran: Repository) -> None:
    """The pages print such commands for papers that a plain `snakemake` leaves out."""
    expected = {*COIN, *DICE} if target == "chance" else DICE
    assert ran.plan(target, "--forceall", papers="self_learning") == expected


def test_a_folder_that_the_user_names_brings_its_jobs(ran: Repository) -> None:
    folders = """folders={"dice_photographs":"."}"""
    assert "dice_measured_mean, seed 0" in ran.plan("dice", "--forceall", config=folders)
