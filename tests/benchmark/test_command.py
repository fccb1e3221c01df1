from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from common.benchmark import __main__ as command
from common.benchmark.report import Report
from tests.benchmark.made_up_pairs import write_benchmarks


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr("common.benchmark.timing.BUDGET", 0.0)
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(variable, "1")  # put back after the command has set it


def run(*arguments: str) -> tuple[int, str]:
    application = typer.Typer()
    application.command()(command.main)
    result = CliRunner().invoke(application, list(arguments))
    return result.exit_code, result.output


def test_equal_results_are_timed_and_the_ratio_written(tmp_path: Path) -> None:
    write_benchmarks(tmp_path)
    status, output = run("sum_of_numbers", "--threads", "3")
    assert status == 0, output
    report = Report.model_validate_json((tmp_path / "results/benchmarks.json").read_text())
    assert [(pair.size, pair.difference) for pair in report.pairs] == [(10, "none"), (1000, "none")]
    for pair in report.pairs:
        assert pair.times is not None
        assert pair.times.lowest <= pair.times.ratio <= pair.times.highest
        assert pair.times.repeats == 5
    assert report.threads == 3
    assert report.measurements == []
    page = (tmp_path / "results/benchmarks.md").read_text()
    assert re.search(
        r"^\| sum_of_numbers \| 1,000 numbers \| a loop \| the formula \|.*\| none \|$", page, re.M
    )
    for said in (report.machine.processor, "3 thread(s)", f"torch {report.machine.packages['torch']}"):
        assert said in page
    assert "sum_of_numbers" in output


def test_results_that_differ_are_an_error_with_the_size_of_the_difference(tmp_path: Path) -> None:
    write_benchmarks(tmp_path, error=0.25, tolerance=0.2)
    status, output = run()
    assert status == 1
    sentence = (
        "error: sum_of_numbers, 1,000 numbers: the two results differ: 1 of 1 numbers differ, by up to 0.25, "
        "where 0.2 is allowed."
    )
    assert sentence in " ".join(output.split())
    written = json.loads((tmp_path / "results/benchmarks.json").read_text())
    assert [pair["times"] for pair in written["pairs"]] == [None, None]
    assert [measured["name"] for measured in written["measurements"]] == ["steps", "moons"]
    assert "**Error.** sum_of_numbers, 10 numbers" in (tmp_path / "results/benchmarks.md").read_text()


def test_a_difference_within_the_tolerance_is_stated(tmp_path: Path) -> None:
    write_benchmarks(tmp_path, error=0.25, tolerance=0.25)
    status, output = run("sum_of_numbers")
    assert status == 0, output
    assert "by up to 0.25 |" in (tmp_path / "results/benchmarks.md").read_text()


def test_a_measurement_is_a_table_and_one_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    write_benchmarks(tmp_path)
    status, output = run("steps", "moons")
    assert status == 0, output
    page = (tmp_path / "results/benchmarks.md").read_text()
    assert "## steps: what steps take\n\n| way | seconds |\n| --- | --- |\n| a | 1.5 |\n| b | 0.2 |\n" in page
    assert "Not measured here: it needs a second moon." in page
    assert "Not measured here: it needs a second moon." in output


def test_a_misspelt_name_is_a_sentence(tmp_path: Path) -> None:
    write_benchmarks(tmp_path)
    status, output = run("sum_of_nmbers")
    assert (status, output.strip()) == (
        1,
        "error: There is no benchmark 'sum_of_nmbers'. Did you mean 'sum_of_numbers'?",
    )
    assert not (tmp_path / "results").exists()


def test_listing_runs_nothing(tmp_path: Path) -> None:
    write_benchmarks(tmp_path)
    assert run("--list") == (0, "sum_of_numbers  (common/sums)\nsteps  (common/sums)\nmoons  (common/sums)\n")
    assert not (tmp_path / "results").exists()
