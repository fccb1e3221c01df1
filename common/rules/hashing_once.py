"""Each file hashed once a run, as long as it stays what it is.

Snakemake keeps with each output the hashes of the job's inputs, and computes them anew for each of them: a
job of 200 records that reads 150 MB of features hashed 30 GB, longer than it ran.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def hash_files_once() -> None:
    """Let Snakemake remember a file's hash until its date, size or inode changes."""
    from snakemake.io import _IOFile

    _IOFile.checksum = _remembering(_IOFile.checksum)


def _remembering(checksum: Any) -> Any:
    known: dict[tuple[Any, ...], Any] = {}

    async def remembered(file: Any, *wanted: Any, **named: Any) -> Any:
        try:
            found = Path(file).stat()
        except OSError:  # not there, or not on this machine: Snakemake's to say
            return await checksum(file, *wanted, **named)
        version = (str(file), found.st_mtime_ns, found.st_size, found.st_ino, wanted, *sorted(named.items()))
        if version not in known:
            known[version] = await checksum(file, *wanted, **named)
        return known[version]

    return remembered
