"""The benchmarks of this repository, found by looking."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.benchmark.agreement import agreement
from common.benchmark.entries import Measurement, NotHere, Pair
from common.benchmark.finding import FILE, find_benchmarks
from common.runs.identity import job_modules
from common.training.timed_training import Way
from common.training.turns import take_turns
from tests.contract.discovery import PAPERS, ROOT, all_specs

PAIRS = [found.benchmark for found in find_benchmarks(ROOT).values() if isinstance(found.benchmark, Pair)]
FEW = 12  # of whatever a pair counts: enough for every branch, and quick


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_both_ways_give_the_same_result(pair: Pair) -> None:
    ways = pair.ways(min(FEW, *pair.sizes))
    found = agreement(ways.usual(), ways.ours())
    assert found.numbers
    assert found.within(pair.tolerance), found.in_words()


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_a_second_call_gives_what_the_first_did(pair: Pair) -> None:
    """Timed calls are repeated: one that changed its data would time something else."""
    ways = pair.ways(min(FEW, *pair.sizes))
    for way in (ways.usual, ways.ours):
        assert agreement(way(), way()).within(0.0)


@pytest.mark.parametrize("paper", PAPERS)
def test_no_job_hangs_on_a_benchmark(paper: str) -> None:
    stem = Path(FILE).stem
    for spec in all_specs(paper):
        reached = job_modules(spec, ROOT)
        assert not [name for name in reached if stem in name.split(".") or "common.benchmark" in name]


@pytest.mark.slow
def test_ways_of_training_take_turns_in_processes_of_their_own() -> None:
    way = Way(network="resnet8_quarter", side=8, channels=1, batch=4, steps=2)
    contiguous = way.model_copy(update={"layout": "contiguous", "jobs": 1})
    first, second = take_turns([way, contiguous], budget=0.0)
    assert first["way"] == "2 jobs of 1 thread, channels last, eager, float32"
    assert second["way"] == "1 job of 1 thread, contiguous, eager, float32"
    assert first["times as fast"] == first["lowest"] == first["highest"] == 1
    assert 0 < float(second["lowest"]) <= float(second["times as fast"]) <= float(second["highest"])


def test_without_a_gpu_that_measurement_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    measurement = find_benchmarks(ROOT)["training_on_a_gpu"].benchmark
    assert isinstance(measurement, Measurement)
    with pytest.raises(NotHere, match="needs an NVIDIA GPU"):
        measurement.rows()


def test_the_loop_alone_is_measured_with_and_without_crops() -> None:
    measurement = find_benchmarks(ROOT)["training_loop"].benchmark
    assert isinstance(measurement, Measurement)
    rows = measurement.rows()
    assert [row["way"] for row in rows] == ["without crops", "with random crops"]
    assert rows[0]["times as fast"] == 1
