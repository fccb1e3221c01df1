"""What the work on each cell took: wall clock, processor time, memory, and energy where it is counted."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator

from common.checkpoints import Checkpoints
from common.records.schema import Cost
from common.runs.energy import EnergyMeter
from common.runs.job import Result

_MEBIBYTE = 2**20
# Linux counts the peak in KiB, macOS in bytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 2**10


def costed(
    results: Iterator[Result], threads: int, checkpoints: Checkpoints
) -> Iterator[tuple[Result, Cost]]:
    """Pair each result with what the experiment took to produce it.

    What comes from a checkpoint counts with the time that it took in its own attempt; its energy isn't known.
    """
    meter = EnergyMeter()
    while True:
        meter.start()
        start = checkpoints.spent()
        result = next(results, None)
        if result is None:
            return
        spent = checkpoints.spent().since(start)
        cost = Cost(
            seconds=round(spent.seconds, 4),
            processor_seconds=round(spent.processor_seconds, 4),
            threads=threads,
            memory_mib=peak_memory_mib(),
            accelerator_memory_mib=_accelerator_memory_mib(),
            energy_joules=None if checkpoints.resumed else meter.joules(),
            resumed=checkpoints.resumed,
        )
        yield result, cost


def peak_memory_mib() -> float:
    """The most memory that this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT / _MEBIBYTE, 1)


def _accelerator_memory_mib() -> float | None:
    """The same on the graphics processor; None where torch isn't loaded or sees none."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return float(round(torch.cuda.max_memory_allocated() / _MEBIBYTE, 1))
