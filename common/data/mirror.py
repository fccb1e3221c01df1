"""Data from a folder on this machine that holds copies of the official files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from common.data.checksums import difference, has_checksum
from common.data.failures import SourceFailedError
from common.data.sources import Checksum, MirrorSource

MIRROR_VARIABLE = "RESEARCH_DATA_MIRROR"
DEFAULT_MIRROR = "../shared/data"


def mirror_folder(root: Path) -> Path:
    """The folder named by RESEARCH_DATA_MIRROR, or else ../shared/data beside the repository."""
    return root / os.environ.get(MIRROR_VARIABLE, DEFAULT_MIRROR)


def fetch_mirror(source: MirrorSource, files: Mapping[str, Checksum], mirror: Path) -> dict[str, Path]:
    """Paths of the files, used where they lie; raises SourceFailedError when one is missing or differs."""
    found = {name: mirror / source.folder / name for name in files}
    for name, wanted in files.items():
        if not found[name].is_file():
            raise SourceFailedError(f"{found[name]} does not exist")
        if not has_checksum(found[name], wanted):
            raise SourceFailedError(f"{found[name]} holds other bytes: {difference(found[name], wanted)}")
    return found
