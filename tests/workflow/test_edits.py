"""After each edit, exactly the jobs whose outcome may change are planned: none stale, none in vain.

And what `python -m common.ledger explain` says would run is what Snakemake plans.
"""

from __future__ import annotations

import os
import shutil
import time

import pytest

from common.records.schema import Record
from tests.workflow.explaining import plan_as_explained
from tests.workflow.jobs import (
    COIN_PAGE,
    COIN_REPORT,
    COIN_TABLE,
    COIN_VERDICTS,
    DICE_AFTER_RUNS,
    DICE_FIGURE,
    DICE_PAGE,
    DICE_REPORT,
    DICE_RUNS,
    DICE_VERDICTS,
    ERRORS,
    FRONT,
    GUESSES,
    MEANS,
    MIDRANGES,
    ROLLS_COLLECTED,
    steps_collected,
)
from tests.workflow.repository import Repository
from tests.workflow.toy_papers import NAP, write

ENTRY = "experiments/chance/dice/estimates.py"
CONFIG = "experiments/chance/dice/config.yaml"
ROUNDING = "experiments/chance/rounding.py"
DICE = "papers/dice"
COIN = "papers/coin_toss"

# What is done -> the edits, each of a file's one such text, and the jobs that they call for. Edits that
# are made together concern different papers, so that what each calls for can be told apart.
EDITS: dict[str, tuple[list[tuple[str, str, str]], set[str]]] = {
    "a statement of a module that one method imports": (
        [(ROUNDING, "round(value, 9)", "round(value, 8)")],
        MEANS | DICE_AFTER_RUNS,
    ),
    "a method's own module, and another paper's citation": (
        [
            ("experiments/chance/dice/methods/midrange.py", "/ 2", "* 0.5"),
            (f"{COIN}/paper.yaml", "A. Nobody", "A. Somebody"),
        ],
        {*MIDRANGES, *DICE_AFTER_RUNS, COIN_REPORT, COIN_PAGE},
    ),
    "the entry of a step": (
        [(ENTRY, "abs(guess - 3.5)", "abs(3.5 - guess)")],
        MEANS | MIDRANGES | DICE_AFTER_RUNS,
    ),
    "the entry of a step that others need, and another paper's claim": (
        [
            (
                "experiments/chance/dice/rolls.py",
                "sum(rolls) / len(rolls)",
                "sum(rolls) / job.settings.count",
            ),
            (f"{COIN}/claims.yaml", "expected: positive", "expected: negative"),
        ],
        {*DICE_RUNS, *ROLLS_COLLECTED, *DICE_AFTER_RUNS, COIN_VERDICTS, COIN_REPORT, COIN_PAGE},
    ),
    "one method's settings": (
        [(CONFIG, "midrange: {offset: 0.0}", "midrange: {offset: 0.1}")],
        MIDRANGES | DICE_AFTER_RUNS,
    ),
    "a claim, and another paper's table": (
        [
            (f"{DICE}/claims.yaml", "constant: 1.0", "constant: 1.1"),
            (f"{COIN}/tables.yaml", "Fair coin", "A fair coin"),
        ],
        {DICE_VERDICTS, DICE_REPORT, DICE_PAGE, COIN_TABLE, COIN_REPORT, COIN_PAGE, FRONT},
    ),
    "one of two tables": (
        [(f"{DICE}/tables.yaml", "title: Guesses", "title: All guesses")],
        {GUESSES, DICE_REPORT, DICE_PAGE, FRONT},
    ),
    "a published number that one of two tables shows": (
        [(f"{DICE}/published.yaml", "values: [0.5]", "values: [0.6]")],
        {ERRORS, DICE_REPORT, DICE_PAGE, FRONT},
    ),
    "a figure": (
        [(f"{DICE}/figures/guesses.py", '"o"', '"x"')],
        {DICE_FIGURE, DICE_REPORT, DICE_PAGE, FRONT},
    ),
    "the citation of a paper that isn't run": (
        [("papers/self_learning/paper.yaml", "year: 2022", "year: 2021")],
        {FRONT},
    ),
    "the line of a paper in the catalogue": (
        [("papers/catalogue.tsv", "self_learning\tIf your data", "self_learning\tWhen your data")],
        {FRONT},
    ),
    "how reports look": (
        [("common/pages/templates/report.typ", "= Cost", "= Costs")],
        {COIN_REPORT, DICE_REPORT, COIN_PAGE, DICE_PAGE, FRONT},
    ),
    "how the LaTeX of every table is written": (
        [("common/pages/tables/latex.py", "from __future__ import annotations", "import json")],
        {COIN_TABLE, ERRORS, GUESSES, COIN_REPORT, COIN_PAGE, DICE_REPORT, DICE_PAGE, FRONT},
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_reruns_what_hangs_on_it(name: str, repository: Repository) -> None:
    edits, expected = EDITS[name]
    for edit in edits:
        repository.replace(*edit)
    assert plan_as_explained(repository) == expected


def test_a_run_leaves_nothing_to_do(ran: Repository) -> None:
    assert plan_as_explained(ran) == set()


def test_edits_that_say_nothing_rerun_nothing(repository: Repository) -> None:
    repository.replace(ROUNDING, "# whatever the scale", "# at every scale")
    repository.replace(ROUNDING, '"""To nine digits."""', '"""Rounded to nine digits."""')
    repository.replace(ROUNDING, "round(value, 9)", "round(\n        value,\n        9,\n    )")
    repository.replace(CONFIG, "# by hand, in a folder of the user's", "# by hand")
    for name in ("config.yaml", CONFIG, "papers/dice/claims.yaml", "papers/dice/tables.yaml", "dvc.yaml"):
        (repository.path / name).write_text("# A comment.\n" + (repository.path / name).read_text())
    assert plan_as_explained(repository) == set()


def test_dates_mean_nothing(repository: Repository) -> None:
    """Going to a commit without one paper and back writes its files anew; then every file is touched."""
    for commit in ("HEAD~1", "-"):
        answer = repository.run("git", "checkout", "-q", commit)
        assert answer.returncode == 0, answer.stderr
    later = time.time() + 60
    for folder, _, files in os.walk(repository.path):
        for file in files:
            if "/.git/" not in f"{folder}/" and "/.snakemake/" not in f"{folder}/":
                os.utime(f"{folder}/{file}", (later, later))
    assert plan_as_explained(repository) == set()


def test_data_deleted_and_restored_rerun_nothing(repository: Repository) -> None:
    shutil.rmtree(repository.path / "data" / "prepared" / "toy_faces")
    assert plan_as_explained(repository) == set()
    answer = repository.run("dvc", "checkout", "--quiet", "data/prepared/toy_faces")
    assert answer.returncode == 0, answer.stderr
    assert (repository.path / "data/prepared/toy_faces/faces.npy").is_file()
    assert plan_as_explained(repository) == set()


def test_other_data_rerun_all_that_reads_them(repository: Repository) -> None:
    repository.replace("experiments/chance/prepare_faces.py", "arange(1, 7", "arange(1, 9")
    assert repository.run("python", "-m", "experiments.chance.prepare_faces").returncode == 0
    # They are what their manifest says, so they are pinned as they lie, and not prepared again.
    assert plan_as_explained(repository) == {*DICE_RUNS, *ROLLS_COLLECTED, *DICE_AFTER_RUNS}


def test_another_verdict_remakes_the_pages_over_all_papers(repository: Repository) -> None:
    """Also that of a paper which this invocation leaves out: an earlier one may have run it."""
    path = repository.path / "results/smoke/dice/verdicts.json"
    path.write_text(path.read_text().replace('"holds"', '"fails"').replace('"inconclusive"', '"fails"'))
    assert repository.plan(papers="coin_toss") == {FRONT}


def test_a_lost_catalogue_is_made_again(repository: Repository) -> None:
    (repository.path / "site/smoke/catalogue.html").unlink()
    assert repository.plan() == {FRONT}


def test_a_new_paper_runs_alone(repository: Repository) -> None:
    write(NAP, repository.path)
    runs = {"nap_sleep_sleeping, seed 0"}
    own = {*steps_collected("nap", runs), "nap: collect the records", "nap: report", "nap: page"}
    assert repository.plan(papers=f"{repository.papers},nap") == {*runs, *own, FRONT}


def test_a_lost_record_is_made_again(repository: Repository) -> None:
    (repository.path / "results/smoke/dice/records/estimates/midrange/seed1/count=10.json").unlink()
    assert plan_as_explained(repository) == {"dice_estimates_midrange, seed 1", *DICE_AFTER_RUNS}


def test_more_seeds_run_the_new_ones(ran: Repository) -> None:
    """The other paper has three seeds already."""
    new = {f"dice_{step}, seed 2" for step in ("rolls_rolling", "estimates_mean", "estimates_midrange")}
    assert plan_as_explained(ran, seeds=3) == new | ROLLS_COLLECTED | DICE_AFTER_RUNS


def test_a_run_without_papers_leaves_the_same_record(repository: Repository) -> None:
    """Blind production: what makes a number can't see the number that it should match."""
    path = repository.path / "results/smoke/dice/records/estimates/mean/seed1/count=10.json"
    before = Record.model_validate_json(path.read_text()).identity()
    path.unlink()
    shutil.rmtree(repository.path / "papers")
    job = ["dice", "estimates", "mean", "--scale", "smoke", "--seed", "1"]
    answer = repository.run("python", "-m", "common.runs", *job)
    assert answer.returncode == 0, answer.stderr
    assert Record.model_validate_json(path.read_text()).identity() == before
