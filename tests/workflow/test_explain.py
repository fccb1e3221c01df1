"""What `python -m common.ledger explain` says after an edit: the state, the reason, what it depends on."""

from __future__ import annotations

import json
import shutil

import pytest

from common.ledger.explanation import explain
from common.ledger.explanation_text import explanation_text
from common.pages.layout import Layout
from common.strict import BadInputError
from tests.workflow.explaining import standings
from tests.workflow.repository import Repository

CONFIG = "experiments/chance/dice/config.yaml"
ROLLS = "experiments/chance/dice/rolls.py"
RECORD = "results/smoke/dice/records/estimates/mean/seed1/count=10.json"
ESTIMATES = "        method_modules: true\n        methods:\n"  # what only the step of that name has
ARTEFACT = "results/smoke/dice/artefacts/rolls/rolling/seed0/rolls.json"


def said(repository: Repository, name: str, cell: str | None = None, paper: str = "dice") -> str:
    """The explanation, after whatever was edited."""
    standings(repository)  # forgets what was read before the edit
    return explanation_text(explain(Layout(repository.path, "smoke", paper), name, cell))


def unwrapped(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def test_what_is_up_to_date_depends_on_these(ran: Repository) -> None:
    text = said(ran, "errors", "mean--few")
    headline, *_ = text.splitlines()
    assert headline == "dice, table errors, cell mean--few, scale smoke: 2 jobs up to date."
    for part in (
        "up to date: estimates/mean, seeds 0, 1",
        "up to date: rolls/rolling, seeds 0, 1",
        "papers/dice/tables.yaml, table errors",
        "error of step estimates, method mean, where count = 10",
        "0.5 (Table 1, row Mean, column few)",
        "experiments.chance.dice: estimates, rolls",
        f"keys of {CONFIG}",
        "settings.count = 40",
        "conditions.count = 10 or 40",
        "data set toy_faces, ",
        "untouched since it was verified",
        "snakemake --cores 2 results/smoke/dice/tables/errors.md --config scale=smoke",
        "python -m common.runs dice estimates mean --scale smoke --seed 0",
    ):
        assert part in text
    assert "midrange" not in text


EDITS = {
    "code of a method": (
        ("experiments/chance/rounding.py", "round(value, 9)", "round(value, 8)"),
        ["2 jobs would run again", "code changed: experiments.chance.rounding"],
    ),
    "code of an earlier step": (
        (ROLLS, "sum(rolls) / len(rolls)", "sum(rolls) / job.settings.count"),
        [
            "would run again: estimates/mean, seeds 0, 1",
            "an earlier step, which it reads, would run: rolls/rolling",
            "would run again: rolls/rolling, seeds 0, 1\n    code changed: experiments.chance.dice.rolls",
        ],
    ),
    "a setting": (
        (CONFIG, "mean: {offset: 0.0}", "mean: {offset: 0.1}"),
        ["configuration changed: settings.offset (0.0 → 0.1)"],
    ),
    "a comment": (("experiments/chance/rounding.py", "# whatever", "# as ever"), ["2 jobs up to date"]),
    "another method": (
        (CONFIG, "midrange: {offset: 0.0}", "midrange: {offset: 0.1}"),
        ["2 jobs up to date"],
    ),
    "what it is read from": (
        (CONFIG, f"        needs: [rolls]\n{ESTIMATES}", ESTIMATES),
        ["input changed: rolls (gone)"],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_the_reason(name: str, repository: Repository) -> None:
    edit, expected = EDITS[name]
    repository.replace(*edit)
    text = said(repository, "errors")
    assert [part for part in expected if part not in text] == []


def test_data_are_the_reason(repository: Repository) -> None:
    repository.replace("experiments/chance/prepare_faces.py", "arange(1, 7", "arange(1, 9")
    assert repository.run("python", "-m", "experiments.chance.prepare_faces").returncode == 0
    assert "rolls/rolling, seeds 0, 1\n    data changed: toy_faces\n" in said(repository, "errors")


def test_data_that_lie_there_are_told_from_data_that_do_not(repository: Repository) -> None:
    array = repository.path / "data/prepared/toy_faces/faces.npy"
    array.write_bytes(array.read_bytes())
    assert "touched since it was verified" in said(repository, "errors")
    shutil.rmtree(array.parent)
    assert "not prepared here" in said(repository, "errors")


def test_a_record_changed_by_hand_is_named(repository: Repository) -> None:
    path = repository.path / RECORD
    path.write_text(json.dumps({**json.loads(path.read_text()), "finished": "2000-01-01"}))
    text = said(repository, "errors")
    assert "1 job changed by hand, 1 job up to date" in text
    assert f"its record was changed by hand, and will be refused: {RECORD}" in unwrapped(text)
    assert text.endswith("python -m common.runs dice estimates mean --scale smoke --seed 1")


def test_an_artefact_changed_by_hand_runs_its_readers_again(repository: Repository) -> None:
    (repository.path / ARTEFACT).write_text("[1, 2, 3]")
    text = said(repository, "errors")
    assert "would run again: estimates/mean, seed 0\n    input changed: rolls\n" in text
    assert "up to date: rolls/rolling, seeds 0, 1" in text


def test_a_lost_artefact_is_made_again_for_whoever_runs(repository: Repository) -> None:
    (repository.path / ARTEFACT).unlink()
    assert "2 jobs up to date" in said(repository, "errors")
    (repository.path / "results/smoke/dice/records/estimates/midrange/seed0/count=10.json").unlink()
    text = said(repository, "errors")
    assert "its artefact is gone, which one that would run reads: estimates/midrange" in text
    assert "would run again: estimates/mean, seed 0\n    an earlier step, which it reads, would run" in text


def test_what_shares_a_process_runs_together(repository: Repository) -> None:
    repository.replace(CONFIG, "          mean: {offset: 0.0}", "          mean: {offset: 0.5}")
    assert "2 jobs up to date" in said(repository, "near_the_middle")
    repository.replace(CONFIG, ESTIMATES, f"        methods_per_job: 2\n{ESTIMATES}")
    reason = "it shares a process with another that would run: estimates/mean"
    assert reason in said(repository, "near_the_middle")


def test_what_never_ran_is_told(repository: Repository) -> None:
    shutil.rmtree(repository.path / "results/smoke/coin_toss")
    text = said(repository, "heads", "leaded--heads", paper="coin_toss")
    assert "3 jobs never run. There is no results/smoke/coin_toss/tables/heads.md yet." in unwrapped(text)


def test_figures_and_claims_are_explained_too(ran: Repository) -> None:
    figure = said(ran, "figures/guesses")
    assert "papers/dice/figures/guesses.py" in figure
    assert "2 jobs left out" in figure
    assert """--config folders='{"dice_photographs": "<path>"}'""" in figure
    claim = said(ran, "near_the_middle")
    assert "The midrange of forty rolls is off by less than one." in claim
    assert "estimates/midrange, seeds 0, 1" in claim


MISTAKES = {
    ("eror", None): "dice has no table, figure or claim 'eror'. Did you mean 'errors'?",
    ("near_middle", None): "Did you mean 'near_the_middle'?",
    ("errors", "men--few"): "Table 'errors' has no cell 'men--few'. Did you mean 'mean--few'?",
    (
        "guesses",
        None,
    ): "dice has tables and figures called 'guesses'. Type: tables/guesses or figures/guesses",
    ("figure/guesses", None): "Did you mean 'figures/guesses'",
    ("near_the_middle", "mean--few"): "claims/near_the_middle has none: only tables do.",
}


@pytest.mark.parametrize("asked", MISTAKES)
def test_a_mistake_names_the_nearest(asked: tuple[str, str | None], ran: Repository) -> None:
    with pytest.raises(BadInputError) as error:
        said(ran, *asked)
    assert MISTAKES[asked] in str(error.value)


def test_the_command_says_the_same(ran: Repository) -> None:
    command = ["python", "-m", "common.ledger", "explain"]
    answer = ran.run(*command, "dice", "errors", "--scale", "smoke")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.rstrip("\n") == said(ran, "errors")
    answer = ran.run(*command, "dise", "errors")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "error: There is no paper 'dise' under experiments/. Did you mean 'dice'?\n"
