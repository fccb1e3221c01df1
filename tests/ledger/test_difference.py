"""Two trees of results: what flipped, what moved, and the one thing that was changed between them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.ledger.difference import Difference, compare_trees
from common.ledger.difference_text import difference_text
from common.strict import BadInputError
from tests.ledger.result_trees import CONFIG, FOLDER, MACHINE, edit_json, write_tree
from tests.pages.example import PAPER

ROOT = Path(__file__).parents[2]


def compared(tmp_path: Path, **changes: Any) -> Difference:
    """A tree, and one with changes."""
    return compare_trees(write_tree(tmp_path / "a"), write_tree(tmp_path / "b", **changes), tmp_path)


def test_trees_that_are_alike_take_one_line(tmp_path: Path) -> None:
    difference = compared(tmp_path)
    assert not difference.differs
    assert difference_text(difference) == (
        f"{tmp_path / 'a' / FOLDER} and {tmp_path / 'b' / FOLDER} hold the same: "
        "4 records, 2 verdicts, 3 table cells."
    )


CAUSES = {
    "code": (
        {"modules": {"common.training.descent": "02" * 32}},
        ("code (1 module)", "code: common.training.descent, for example: adaptation/ent (seeds 0, 1)"),
    ),
    "a new module": (
        {"modules": {"common.training.descent": "01" * 32, "common.training.sgd": "03" * 32}},
        ("code (1 module)", "code: common.training.sgd (only after), for"),
    ),
    "configuration": (
        {"config": {**CONFIG, "settings": {"learning_rate": 0.3}}},
        ("configuration (1 key)", "configuration: settings.learning_rate (0.1 → 0.3), for"),
    ),
    "conditions": (
        {"config": {**CONFIG, "conditions": [{"corruption": "fog"}, {"corruption": "snow"}]}},
        ("configuration (1 key)", 'configuration: conditions.1.corruption (none → "snow"), for'),
    ),
    "threads": (
        {"config": {**CONFIG, "threads": 4}},
        ("configuration (1 key)", "configuration: threads (1 → 4), for"),
    ),
    "data": (
        {"data": {"cifar10": "ef" * 32}},
        ("data (1 data set)", "data: cifar10 (abababababab → efefefefefef), for"),
    ),
    "inputs": ({"inputs": {"source": "ee" * 32}}, ("input (1 artefact)", "input: source, for")),
    "environment": (
        {"machine": MACHINE.model_copy(update={"packages": {"torch": "2.2"}})},
        ("environment (1 version)", "environment: torch (2.1 → 2.2), for"),
    ),
    "Python": (
        {"machine": MACHINE.model_copy(update={"python": "3.12.0"})},
        ("environment (1 version)", "environment: python (3.11.0 → 3.12.0), for"),
    ),
    "machine": (
        {"machine": MACHINE.model_copy(update={"accelerator": "H200"})},
        ("machine (1 fact)", "machine: accelerator (none → H200), for"),
    ),
}


@pytest.mark.parametrize("name", CAUSES)
def test_the_one_thing_that_was_changed_is_named(name: str, tmp_path: Path) -> None:
    hung_on, (summary, line) = CAUSES[name]
    difference = compared(tmp_path, moved=True, hung_on=hung_on)
    text = difference_text(difference)
    assert text.splitlines()[0] == (
        "0 of 2 verdicts flipped; 2 of 4 records differ; 1 of 3 table cells moved; " + f"causes: {summary}."
    )
    why = text.split("\nWhy\n")[1].splitlines()
    assert len(why) == 1
    assert why[0].strip().startswith(line)
    assert "table errors, ent--fog: 20.5 → 21 (+0.5)" in text
    assert "adaptation/ent, seed 0, corruption=fog: error_percent 20 → 20.5 (+0.5)" in text
    assert "rpl" not in text


def test_numbers_that_stay_are_no_difference_whatever_they_hung_on(tmp_path: Path) -> None:
    difference = compared(tmp_path, hung_on=CAUSES["machine"][0])
    assert not difference.differs
    headline, _, heading, cause = difference_text(difference).splitlines()
    assert "hold the same: 4 records" in headline
    assert heading == "What the jobs hung on differs all the same"
    assert cause == "  machine: accelerator (none → H200), for example: adaptation/ent (seeds 0, 1)"


def test_numbers_that_do_not_repeat_are_said_to(tmp_path: Path) -> None:
    text = difference_text(compared(tmp_path, moved=True))
    assert "causes: none on record for 2 jobs." in text
    assert "nothing on record: numbers that don't repeat, of example: adaptation/ent (seeds 0, 1)" in text


def test_seeds_that_only_one_has_are_named(tmp_path: Path) -> None:
    difference = compared(tmp_path, seeds=4)
    text = difference_text(difference)
    assert difference.differs
    assert f"4 records only in {tmp_path / 'b' / FOLDER}; causes: seeds (2 methods)." in text
    assert "only after: example, adaptation/ent, seeds 2, 3: 2 records" in text
    assert "seeds: example: adaptation/rpl (0, 1 → 0 to 3)" in text


def test_a_record_changed_by_hand_is_named(tmp_path: Path) -> None:
    before, after = write_tree(tmp_path / "a"), write_tree(tmp_path / "b")
    edit_json(after / "records/adaptation/rpl/seed1/corruption=fog.json", metrics={"error_percent": 1.0})
    text = difference_text(compare_trees(before, after, tmp_path))
    assert "changed by hand: corruption=fog.json (after), for example: adaptation/rpl (seed 1)" in text


def test_a_verdict_that_flipped_is_shown_with_both_sentences(tmp_path: Path) -> None:
    before, after = write_tree(tmp_path / "a"), write_tree(tmp_path / "b")
    verdicts = json.loads((after / "verdicts.json").read_text())["verdicts"]
    verdicts[0] |= {"word": "fails", "sentence": "ENT is above Source."}
    verdicts[1] |= {"word": "differs", "margin": 1.0, "estimate": None}
    edit_json(after / "verdicts.json", verdicts=verdicts)
    text = difference_text(compare_trees(before, after, tmp_path))
    assert text.startswith("2 of 2 verdicts flipped; 0 of 4 records differ")
    assert "example, ent_beats_source: holds → fails" in text
    assert "before: ENT is 11.5 points below Source" in text
    assert "after: ENT is above Source." in text
    assert "before: 30.0 % here, at quick scale. [30, 95% interval 29 to 31, n = 3]" in text
    assert text.count("the claim itself is stated otherwise") == 1


def test_without_receipts_the_records_tell_what_they_can(tmp_path: Path) -> None:
    hung_on = {"modules": {"common.training.descent": "02" * 32}, "config": {**CONFIG, "settings": {"a": 1}}}
    before = write_tree(tmp_path / "a")
    after = write_tree(tmp_path / "b", moved=True, hung_on=hung_on)
    shutil.rmtree(before / "receipts")
    text = difference_text(compare_trees(before, after, tmp_path))
    assert "causes: code (one module or more), configuration (2 keys)." in text
    assert "code: one module or more, for example: adaptation/ent (seeds 0, 1)" in text
    assert "2 jobs with no receipt on one side or both" in text


def test_the_folders_of_a_scale_hold_all_its_papers(tmp_path: Path) -> None:
    before, after = write_tree(tmp_path / "a"), write_tree(tmp_path / "b")
    shutil.copytree(after, tmp_path / "copied under another name")
    assert compare_trees(before.parent, after.parent, tmp_path).records == 4
    assert compare_trees(before, tmp_path / "copied under another name", tmp_path).records == 4


def test_times_never_count(tmp_path: Path) -> None:
    tables = (
        "tables: [{id: errors, title: t, caption: c, reproduces: r, step: adaptation, metric: error_percent, "
        "unit: '%', decimals: 1, better: lower, rows: [{id: ent, label: e, method: ent}], "
        "columns: [{id: fog, label: f, metric: cost.seconds}]}]"
    )
    (tmp_path / "papers" / PAPER).mkdir(parents=True)
    (tmp_path / "papers" / PAPER / "tables.yaml").write_text(tables)
    before, after = write_tree(tmp_path / "a"), write_tree(tmp_path / "b")
    table = after / "tables/errors.csv"
    table.write_text(table.read_text().replace("20.5", "20.6"))
    difference = compare_trees(before, after, tmp_path)
    assert not difference.differs
    assert [(cell.row, cell.before, cell.after) for cell in difference.moved_times] == [("ent", 20.5, 20.6)]


def test_long_lists_are_cut_unless_all_is_asked_for(tmp_path: Path) -> None:
    difference = compared(tmp_path, seeds=1)
    metric = compared(tmp_path / "moved", moved=True).moved_metrics[0]
    many = difference.model_copy(update={"moved_metrics": [metric] * 25, "differing_records": 1})
    assert "… and 15 more; --long lists all" in difference_text(many)
    assert difference_text(many, long=True).count("error_percent") == 25


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a/results/quik", "There is no folder '.*quik'. Did you mean '.*/a/results/quick'"),
        ("a/results", "holds no results of a paper. Name the folder of a scale"),
        ("other", "has results of another_paper, but .* of example"),
    ],
)
def test_folders_without_results_are_named(name: str, sentence: str, tmp_path: Path) -> None:
    before = write_tree(tmp_path / "a")
    other = tmp_path / "other/another_paper"
    other.mkdir(parents=True)
    (other / "verdicts.json").write_text('{"paper": "another_paper", "scale": "quick", "verdicts": []}')
    with pytest.raises(BadInputError, match=sentence):
        compare_trees(tmp_path / name, before, tmp_path)


def test_a_record_that_is_cut_short_is_named(tmp_path: Path) -> None:
    before, after = write_tree(tmp_path / "a"), write_tree(tmp_path / "b")
    (after / "records/adaptation/rpl/seed1/corruption=fog.json").write_text("{")
    with pytest.raises(BadInputError, match=r"rpl/seed1/corruption=fog\.json is not valid JSON"):
        compare_trees(before, after, tmp_path)


@pytest.mark.parametrize(("moved", "status"), [(False, 0), (True, 1)])
def test_the_exit_status_tells(moved: bool, status: int, tmp_path: Path) -> None:
    before, after = write_tree(tmp_path / "a"), write_tree(tmp_path / "b", moved=moved)
    answer = command("diff", str(before), str(after), "--json")
    assert answer.returncode == status, answer.stderr
    assert Difference.model_validate_json(answer.stdout).differs is moved


def test_an_error_has_another_status(tmp_path: Path) -> None:
    answer = command("diff", str(tmp_path / "a"), str(tmp_path))
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: There is no folder ")


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys, common.ledger.__main__; "
        "print(sorted({'numpy', 'scipy', 'pandas', 'torch', 'matplotlib', 'snakemake'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "common.ledger", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
