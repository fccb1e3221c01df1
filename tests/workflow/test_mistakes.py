"""A mistake ends in one sentence: what, where, what to type or what was meant; nothing has run by then."""

from __future__ import annotations

import json

import pytest
import yaml

from common.rules.targets import typed_targets
from tests.workflow.repository import Repository

CONFIG = "experiments/chance/dice/config.yaml"
PAPER = "papers/dice"

# What the Snakefile does first, without Snakemake, which takes three times as long to start as this.
PLAN = """
import sys, yaml
from common.rules.targets import check_targets
from common.rules.workflow import Workflow
from common.strict import BadInputError

config = yaml.safe_load(open("config.yaml").read()) | yaml.safe_load(sys.argv[1])
try:
    check_targets(sys.argv[2:], Workflow(config, ".", sys.argv[2:]))
except BadInputError as error:
    sys.exit(f"error: {error}")
"""

SETTINGS = {
    "sale: smoke": "unknown key 'sale'. Did you mean 'scale'?",
    "seeds: 0": "'seeds' is 0: Input should be greater than or equal to 1.",
    "papers: coin_tos": "papers=coin_tos: there is no such paper. Did you mean 'coin_toss'?",
    "scale: tiny": "'scale' is 'tiny': Input should be 'smoke', 'quick' or 'full'.",
    "folders: {dice_photograph: .}": "'dice_photograph'. Did you mean 'dice_photographs'?",
    "folders: {dice_photographs: nowhere}": "there is no folder 'nowhere' to read dice_photographs from.",
    "scale: full": "dice has no scale 'full'.",
}

FILES = {
    "an unknown key": (
        (CONFIG, "artefact:", "artifact:"),
        f"{CONFIG}: unknown key 'scales.smoke.steps.rolls.artifact'. Did you mean 'artefact'?",
    ),
    "an unknown method": (
        (CONFIG, "midrange: {", "midrnge: {"),
        "No method 'midrnge' in experiments/chance/. Did you mean 'midrange'?",
    ),
    "an unknown setting": (
        (CONFIG, "settings: {count: 40}", "settings: {counts: 40}"),
        "dice, scale smoke, step rolls, method rolling: the key 'count' is missing. unknown key 'counts'.",
    ),
    "an unknown data set": (
        (CONFIG, "datasets: [toy_faces]", "datasets: [toy_face]"),
        "No stage of dvc.yaml makes the data set 'toy_face'. Did you mean 'toy_faces'?",
    ),
    "an entry that isn't there": (
        (CONFIG, "dice.rolls", "dice.roll"),
        "There is no module 'experiments.chance.dice.roll' in the project;",
    ),
    "an entry without run": (
        ("experiments/chance/dice/rolls.py", "def run(", "def roll("),
        "experiments.chance.dice.rolls defines no run;",
    ),
    "a key of a claim": (
        (f"{PAPER}/claims.yaml", "where: p. 1", "were: p. 1"),
        "claim near_the_middle: the key 'where' is missing. unknown key 'were'. Did you mean 'where'?",
    ),
    "a table beside one that wasn't printed": (
        (f"{PAPER}/tables.yaml", "published: printed", "published: print"),
        "Table 'errors' stands beside 'print', which published.yaml lacks. Did you mean 'printed'?",
    ),
    "a citation without a year": (
        (f"{PAPER}/paper.yaml", "year: 1900,", ""),
        "papers/dice/paper.yaml: the key 'year' is missing.",
    ),
    "broken YAML": (
        (f"{PAPER}/tables.yaml", "tables:\n", "tables: [\n"),
        "tables.yaml is not valid YAML",
    ),
    "a key of the workflow's own configuration": (
        ("config.yaml", "seeds: null", "sedes: null"),
        "config.yaml or --config: unknown key 'sedes'. Did you mean 'seeds'?",
    ),
}


TARGETS = {
    "results/smoke/dice/tables/eror.md": "tables.yaml has no table 'eror'. Did you mean 'errors'?",
    "results/smoke/dice/figures/guess.svg": "figures/ has no figure 'guess'. Did you mean 'guesses'?",
    "results/smoke/dice/tables/errors.html": "Did you mean 'results/smoke/dice/tables/errors.",
    "results/smoke/dise/tables/errors.md": "no paper 'dise' under experiments/. Did you mean 'dice'?",
    "results/smok/dice/tables/errors.md": "there is no scale 'smok'. Did you mean 'smoke'?",
    "results/full/dice/tables/errors.md": "this run is of scale smoke. Type: snakemake "
    "results/full/dice/tables/errors.md --config scale=full",
    "site/quick/dice/index.html": "Type: snakemake site/quick/dice/index.html --config scale=quick",
    "coin_tos": "no rule makes it. Did you mean 'coin_toss'?",
    "self_lerning": "no rule makes it. Did you mean 'self_learning'?",
    "table": "no rule makes it. Known: all, ",
}
MADE = (
    "all",
    "dice",
    "chance",
    "coin_toss",  # which isn't selected
    "front_page",
    "prepare_toy_faces",
    "dice_rolls_rolling",
    "./results/smoke/dice/tables/errors.tex",
    "results/smoke/dice/artefacts/rolls/rolling/seed1/rolls.json",
    "results/smoke/coin_toss/receipts/tosses/fair/seed2.json",
    "site/smoke/dice/summary.json",
    "site/smoke/catalogue.html",
    "data/prepared/toy_faces/faces.npy",
)


def sentence(repository: Repository, setting: str = "{}", *targets: str) -> str:
    """What is said of the mistake."""
    settings = {"papers": "dice", "scale": "smoke", **yaml.safe_load(setting)}
    answer = repository.run("python", "-c", PLAN, json.dumps(settings), *targets)
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: ")
    return answer.stderr


def test_snakemake_says_the_sentence_and_no_more(ran: Repository) -> None:
    answer = ran.snakemake("--dry-run", papers="coin_tos")
    assert answer.returncode == 1
    assert "Traceback" not in answer.stdout + answer.stderr
    assert (
        "error: papers=coin_tos: there is no such paper. Did you mean 'coin_toss'?"
        in answer.stderr.splitlines()
    )


def test_a_target_that_no_rule_makes_ends_in_a_sentence(ran: Repository) -> None:
    answer = ran.snakemake("--dry-run", "dice", "results/smoke/dice/tables/eror.md")
    assert answer.returncode == 1
    assert "Traceback" not in answer.stdout + answer.stderr
    target = "results/smoke/dice/tables/eror.md"
    assert f"error: {target}: papers/dice/{TARGETS[target]}" in answer.stderr.splitlines()


@pytest.mark.parametrize("target", TARGETS)
def test_a_misspelt_target(target: str, ran: Repository) -> None:
    said = sentence(ran, "{}", "dice", target)
    assert said.startswith(f"error: {target}: ")
    assert TARGETS[target] in said


def test_targets_that_rules_make_are_let_through(ran: Repository) -> None:
    settings = json.dumps({"papers": "dice", "scale": "smoke"})
    answer = ran.run("python", "-c", PLAN, settings, *MADE)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_only_what_stands_where_targets_do_is_one() -> None:
    arguments = ["--cores", "2", "a.md", "--forcerun", "b.md", "--config", "scale=smoke", "--", "c.md"]
    assert typed_targets(arguments) == ["a.md", "c.md"]
    assert typed_targets(["--target-jobs", "table:paper=dice", "--cores", "1"]) == []


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_mistake_on_the_command_line(setting: str, ran: Repository) -> None:
    assert SETTINGS[setting] in sentence(ran, setting)


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_in_a_file(name: str, repository: Repository) -> None:
    edit, expected = FILES[name]
    repository.replace(*edit)
    assert expected in sentence(repository)


def test_a_data_set_without_manifest(repository: Repository) -> None:
    (repository.path / "data/manifests/toy_faces.json").unlink()
    assert "toy_faces.json does not exist. Type: dvc repro" in sentence(repository)


RUNS = {
    "dise rolls rolling": "There is no paper 'dise' under experiments/. Did you mean 'dice'?",
    "dice estimates midrnge": "has no method 'midrnge'. Did you mean 'midrange'?",
    "dice measured mean": "reads a folder called 'dice_photographs'",
    "dice measured mean --folder dice_photographs=nowhere": "dice_photographs=nowhere does not exist",
    "dice rolls rolling --seed -1": "has no seed -1; seeds count from 0.",
}


@pytest.mark.parametrize("arguments", RUNS)
def test_a_mistake_in_a_run_without_snakemake(arguments: str, ran: Repository) -> None:
    answer = ran.run("python", "-m", "common.runs", *arguments.split(), "--scale", "smoke")
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: ")
    assert RUNS[arguments] in answer.stderr
