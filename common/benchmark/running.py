"""Running benchmarks: each pair's results are compared before its ways are timed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from common.benchmark.agreement import agreement
from common.benchmark.entries import Measurement, NotHere, Pair, Ways
from common.benchmark.finding import Found
from common.benchmark.report import Compared, Measured, Report, Times
from common.benchmark.timing import time_ways
from common.records.machine import commit_of, machine_facts


def run(chosen: Sequence[Found], root: Path, threads: int) -> Report:
    """Run the benchmarks chosen, and say on which machine."""
    results: list[Compared | Measured] = []
    for found in tqdm(chosen, desc="benchmarks", disable=None, leave=False):
        benchmark, folder = found.benchmark, found.folder.as_posix()
        if isinstance(benchmark, Pair):
            results.extend(_compared(benchmark, folder))
        else:
            results.append(_measured(benchmark, folder))
    return Report(
        machine=machine_facts(),
        commit=commit_of(root),
        threads=threads,
        pairs=[result for result in results if isinstance(result, Compared)],
        measurements=[result for result in results if isinstance(result, Measured)],
    )


def _compared(pair: Pair, folder: str) -> Iterator[Compared]:
    for size in pair.sizes:
        ways = pair.ways(size)
        found = agreement(ways.usual(), ways.ours())
        agrees = found.within(pair.tolerance)
        yield Compared(
            name=pair.name,
            folder=folder,
            size=size,
            unit=pair.unit,
            usual=pair.usual,
            ours=pair.ours,
            tolerance=pair.tolerance,
            agrees=agrees,
            difference="none" if found.within(0.0) else found.in_words(),
            times=_times(ways) if agrees else None,
            remark=pair.remark,
        )


def _times(ways: Ways) -> Times:
    timing = time_ways(ways)
    ratios = timing.ratios()
    return Times(
        usual_seconds=min(timing.usual),
        ours_seconds=min(timing.ours),
        ratio=timing.ratio(),
        lowest=min(ratios),
        highest=max(ratios),
        repeats=len(ratios),
    )


def _measured(measurement: Measurement, folder: str) -> Measured:
    said = {"name": measurement.name, "folder": folder, "about": measurement.about}
    try:
        return Measured(**said, rows=measurement.rows(), remark=measurement.remark)
    except NotHere as lacking:
        return Measured(**said, rows=[], remark=f"Not measured here: {lacking}")
