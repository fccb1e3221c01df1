"""Data sets that were prepared by a Snakemake that was killed before it had noted so."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

# Where Snakemake keeps an empty file for each output of a job that it has begun, until the job has ended.
_MARKERS = Path(".snakemake/incomplete")


def forget_interruption(files: Iterable[str], pin: str, root: Path) -> None:
    """Let Snakemake take a data set that is whole for whole, though it was killed at the end of its making.

    Snakemake would make the data again and nothing else: with a job that is forced, it doesn't look into what
    reads its outputs as `ancient` only, and ends well with all of that missing. Whether the data are whole
    isn't Snakemake's to say, as the pin is written once they were verified; without it all goes as it should.
    """
    if (root / pin).is_file():
        for file in (*files, pin):
            name = base64.b64encode(file.encode()).decode()
            (root / _MARKERS / name).unlink(missing_ok=True)
