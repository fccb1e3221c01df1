"""Data from the public address where its authors, or those who keep it for them, publish it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from common.data.download import download
from common.data.sources import Checksum, HomeSource


def fetch_home(source: HomeSource, files: Mapping[str, Checksum], folder: Path) -> dict[str, Path]:
    """Download every file into `folder`; raises SourceFailedError at the first that can't be had."""
    for name, wanted in files.items():
        download(source.base + name, folder / name, wanted)
    return {name: folder / name for name in files}
