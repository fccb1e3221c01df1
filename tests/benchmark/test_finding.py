from __future__ import annotations

from pathlib import Path

import pytest

from common.benchmark.finding import choose, find_benchmarks
from common.strict import BadInputError
from tests.benchmark.made_up_pairs import write_benchmarks


def names(root: Path, *wanted: str) -> list[str]:
    return [found.benchmark.name for found in choose(find_benchmarks(root), wanted)]


def test_a_file_beside_the_code_is_all_it_takes(tmp_path: Path) -> None:
    assert names(tmp_path) == []
    write_benchmarks(tmp_path, "experiments/track/paper")
    assert names(tmp_path) == ["sum_of_numbers", "steps", "moons"]


def test_benchmarks_are_chosen_by_their_names_and_by_folder(tmp_path: Path) -> None:
    write_benchmarks(tmp_path)
    assert names(tmp_path, "moons", "sum_of_numbers") == ["moons", "sum_of_numbers"]
    assert names(tmp_path, "sums") == ["sum_of_numbers", "steps", "moons"]
    assert names(tmp_path, "steps", "sums") == ["steps", "sum_of_numbers", "moons"]


@pytest.mark.parametrize("typed", ["sum_of_number", "step", "summs"])
def test_a_misspelt_name_is_told_with_a_suggestion(tmp_path: Path, typed: str) -> None:
    write_benchmarks(tmp_path)
    with pytest.raises(BadInputError, match=rf"no benchmark '{typed}'\. Did you mean '(sum|steps)"):
        names(tmp_path, typed)


def test_two_of_one_name_are_told_with_both_places(tmp_path: Path) -> None:
    write_benchmarks(tmp_path, "common/a")
    write_benchmarks(tmp_path, "common/b")
    with pytest.raises(BadInputError, match=r"'sum_of_numbers', in common/a/.* and common/b/benchmarks.py"):
        find_benchmarks(tmp_path)


def test_a_file_without_a_list_is_told(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common/benchmarks.py").write_text("PAIRS = []\n")
    with pytest.raises(BadInputError, match=r"common/benchmarks.py has no list BENCHMARKS"):
        find_benchmarks(tmp_path)
