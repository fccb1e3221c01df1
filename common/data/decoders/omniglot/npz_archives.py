"""Omniglot as compact numpy archives, with a table that names the character of each row."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from common.data.decoders import Decoded
from common.data.decoders.omniglot.characters import SPLITS, Character, Drawings, decoded
from common.data.failures import SourceFailedError

LARGEST_BYTES = 1 << 28  # the drawings of the background split have 213 MB


def decode(files: Mapping[str, Path]) -> Decoded:
    """The canonical arrays from `images_<split>.npz` and `characters.tsv`."""
    drawings = {split: _drawings(files[f"images_{split}.npz"]) for split in SPLITS}
    return decoded(drawings, _characters(files["characters.tsv"]))


def _drawings(path: Path) -> Drawings:
    """The archive holds paper as True; canonical drawings hold ink as True."""
    with zipfile.ZipFile(path) as zipped:
        if sum(member.file_size for member in zipped.infolist()) > LARGEST_BYTES:
            raise SourceFailedError(f"{path.name} unpacks to more than {LARGEST_BYTES} bytes")
    with np.load(path, allow_pickle=False) as archive:
        paper: Drawings = archive["images"]
    return ~paper


def _characters(table: Path) -> dict[str, list[Character]]:
    with table.open() as lines:
        rows = sorted(csv.DictReader(lines, delimiter="\t"), key=lambda row: int(row["row"]))
    return {
        split: [(row["alphabet"], row["character"]) for row in rows if row["split"] == split]
        for split in SPLITS
    }
