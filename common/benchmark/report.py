"""What a run of the benchmarks found, for people and for machines."""

from __future__ import annotations

from common.records.schema import MachineFacts
from common.strict import StrictModel


class Times(StrictModel):
    """Seconds of the fastest call of either way; the ratio usual / ours: median, lowest and highest."""

    usual_seconds: float
    ours_seconds: float
    ratio: float
    lowest: float
    highest: float
    repeats: int


class Compared(StrictModel):
    """A pair at one size. It has no times where its results differ by more than the tolerance."""

    name: str
    folder: str
    size: int
    unit: str
    usual: str
    ours: str
    tolerance: float
    agrees: bool
    difference: str
    times: Times | None
    remark: str

    def error(self) -> str:
        """The sentence about two results that should be the same."""
        return (
            f"{self.name}, {self.size:,} {self.unit}: the two results differ: {self.difference}, "
            f"where {self.tolerance:g} is allowed. Mend the one that is wrong; both are named in "
            f"{self.folder}/benchmarks.py."
        )


class Measured(StrictModel):
    """The table of a measurement; no rows where the machine can't make it, as the remark then says."""

    name: str
    folder: str
    about: str
    rows: list[dict[str, str | float]]
    remark: str


class Report(StrictModel):
    """One run: ratios within it can be compared, seconds of two runs can't."""

    machine: MachineFacts
    commit: str
    threads: int
    pairs: list[Compared]
    measurements: list[Measured]

    def errors(self) -> list[str]:
        """A sentence for each pair whose results differ."""
        return [pair.error() for pair in self.pairs if not pair.agrees]
