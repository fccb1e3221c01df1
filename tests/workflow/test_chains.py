"""Jobs that read what their own method left, and jobs that gather the seeds of an earlier step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workflow.explaining import plan_as_explained
from tests.workflow.jobs import steps_collected
from tests.workflow.repository import Repository, copy_repository
from tests.workflow.toy_chain import URN, after, jobs
from tests.workflow.toy_papers import write

CONFIG = "experiments/chance/urn/config.yaml"
RECORDS = "results/smoke/urn/records"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The toy chain, run with one seed, as far as that goes; nobody may change it."""
    copied = copy_repository(tmp_path_factory.mktemp("chain") / "repository")
    repository = Repository(copied.path, papers="urn")
    write(URN, repository.path)
    answer = repository.snakemake(config="seeds=1")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return repository


@pytest.fixture
def chain(drawn: Repository, tmp_path: Path) -> Repository:
    """A copy of it for one test."""
    return drawn.duplicate(tmp_path / "repository")


def test_one_seed_takes_two_of_what_is_gathered_and_of_what_that_needs(drawn: Repository) -> None:
    made = {path.relative_to(drawn.path / RECORDS).parent.as_posix() for path in records(drawn)}
    assert made == {
        *(f"urns/filling/seed{seed}" for seed in (0, 1)),
        *(
            f"{step}/{method}/seed{seed}"
            for step in ("draws", "tuning")
            for method in ("putting_back", "keeping")
            for seed in (0, 1)
        ),
        *(f"guesses/{method}/seed0" for method in ("putting_back", "keeping")),
    }
    assert plan_as_explained(drawn, seeds=1) == set()


def test_a_record_names_all_that_was_read(drawn: Repository) -> None:
    record = json.loads((drawn.path / RECORDS / "guesses/keeping/seed0/all.json").read_text())
    assert list(record["inputs"]) == ["draws", "tuning/seed0", "tuning/seed1"]


def test_the_collected_file_holds_every_seed_that_was_run(drawn: Repository) -> None:
    collected = (drawn.path / "results/smoke/urn/records.jsonl").read_text().splitlines()
    assert len(collected) == len(records(drawn)) == 12


def test_more_seeds_gather_the_same_first_ones(drawn: Repository) -> None:
    """The gathering jobs of new seeds read what is there: no path of seed 0 has become one of theirs."""
    new = jobs("urns", 3, first=2) | jobs("draws", 3, first=2) | jobs("guesses", 3, first=1)
    # Each step's collecting is told the number of seeds.
    assert plan_as_explained(drawn) == new | after(new | jobs("tuning", 2))


EDITS = {
    "the entry of the step that is gathered": (
        ("experiments/chance/urn/tuning.py", "largest + 1 or 1", "1 + largest or 1"),
        jobs("tuning", 2) | jobs("guesses", 1),
    ),
    "the settings of one method": (
        (CONFIG, "keeping: {returned: false}", "keeping: {returned: true}"),
        jobs("draws", 2, "keeping") | jobs("tuning", 2, "keeping") | jobs("guesses", 1, "keeping"),
    ),
    "the number of seeds that are gathered": (
        (CONFIG, "gathers: {tuning: 2}", "gathers: {tuning: 3}"),
        jobs("urns", 3, first=2)
        | jobs("draws", 3, first=2)
        | jobs("tuning", 3, first=2)
        | jobs("guesses", 1),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_reruns_what_hangs_on_it(name: str, chain: Repository) -> None:
    edit, expected = EDITS[name]
    chain.replace(*edit)
    assert plan_as_explained(chain, seeds=1) == expected | after(expected)


def test_a_lost_artefact_is_made_again_for_the_job_that_gathers_it(chain: Repository) -> None:
    (chain.path / "results/smoke/urn/artefacts/tuning/keeping/seed1/factor.json").unlink()
    (chain.path / RECORDS / "guesses/keeping/seed0/all.json").unlink()
    rerun = jobs("tuning", 2, "keeping", first=1) | jobs("guesses", 1, "keeping")
    assert plan_as_explained(chain, seeds=1) == rerun | after(rerun)


TABLES = """\
tables:
  - {id: filled, title: Filled, caption: Balls, reproduces: Table 1, step: urns, metric: balls, unit: balls,
      decimals: 1, better: higher, columns: [{id: balls, label: balls}],
      rows: [{id: urn, label: Urn, method: filling},
        {id: guess, label: Guess, method: keeping, step: guesses, metric: guess, scales: [full]}]}
"""


def test_a_table_asked_for_alone_runs_the_steps_that_it_shows(chain: Repository) -> None:
    """Not that of a row which is for another scale."""
    write({"papers/urn/tables.yaml": TABLES}, chain.path)
    table = "results/smoke/urn/tables/filled.md"
    runs = jobs("urns", 2)
    expected = {*runs, *steps_collected("urn", runs), "urn: table filled"}
    assert chain.plan(table, "--forceall", config="seeds=1") == expected
    assert chain.snakemake(table, config="seeds=1").returncode == 0
    assert "| Urn " in (chain.path / table).read_text()


def test_seeds_that_share_a_job_gather_each_artefact_once(chain: Repository) -> None:
    chain.replace(CONFIG, "gathers: {tuning: 2}", "gathers: {tuning: 2}\n        seeds_per_job: 3")
    (chain.path / RECORDS / "guesses/keeping/seed0/all.json").unlink()
    planned = chain.plan("records")
    assert "urn_guesses_keeping, seeds 0, 1, 2" in planned
    assert not jobs("tuning", 3) & planned


def records(repository: Repository) -> list[Path]:
    """All record files of the paper."""
    return list((repository.path / RECORDS).rglob("*.json"))
