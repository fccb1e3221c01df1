"""Energy of the processor packages, where the system shows its counters (Linux: RAPL through powercap)."""

from __future__ import annotations

import time
from pathlib import Path

# One counter per processor package; those of its parts, such as intel-rapl:0:1, are counted in it already.
COUNTERS = Path("/sys/class/powercap")
_PACKAGES = "intel-rapl:?"
_MICROJOULES = 1e-6


class EnergyMeter:
    """Measures what this process used between `start` and `joules`.

    The counters are the machine's, so this process is charged by its share of all processor time that was
    spent meanwhile; the charges of jobs that run side by side then add up to no more than was used.
    """

    def __init__(self, counters: Path = COUNTERS) -> None:
        self._packages = sorted(counters.glob(_PACKAGES))
        self._energy: list[int] | None = None
        self._own = self._all = 0.0

    def start(self) -> None:
        """Begin anew."""
        self._energy = self._read()
        if self._energy:
            self._own, self._all = time.process_time(), _processor_time()

    def joules(self) -> float | None:
        """Joules since `start`; None where the machine has no counters, or hides them from this user."""
        energy = self._read()
        if not energy or not self._energy:
            return None
        used = sum(map(self._since, self._packages, self._energy, energy)) * _MICROJOULES
        own, everybody = time.process_time() - self._own, _processor_time() - self._all
        # The system counts everybody's time in hundredths of a second, and may lag behind.
        return round(used * min(1.0, own / everybody if everybody > 0 else 1.0), 3)

    def _read(self) -> list[int] | None:
        try:
            return [int((package / "energy_uj").read_text()) for package in self._packages]
        except OSError:  # since 2020 most systems show them to root alone
            return None

    def _since(self, package: Path, before: int, after: int) -> int:
        """Microjoules between two readings of a counter that begins again at zero when it is full."""
        if after >= before:
            return after - before
        return after - before + int((package / "max_energy_range_uj").read_text())


def _processor_time() -> float:
    """Seconds that all processors together have worked since the machine was started."""
    import psutil

    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))
