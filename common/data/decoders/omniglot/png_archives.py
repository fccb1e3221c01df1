"""The official archives of Omniglot: a PNG per drawing at <split>/<alphabet>/<character>/<drawing>.png."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.data.bounded import open_picture
from common.data.decoders import Decoded
from common.data.decoders.omniglot.characters import DRAWINGS, SIDE, SPLITS, Character, Drawings, decoded
from common.data.failures import SourceFailedError


def decode(files: Mapping[str, Path]) -> Decoded:
    """The canonical arrays from `images_background.zip` and `images_evaluation.zip`."""
    drawings: dict[str, Drawings] = {}
    characters: dict[str, list[Character]] = {}
    for split in SPLITS:
        drawings[split], characters[split] = _read(files[f"images_{split}.zip"])
    return decoded(drawings, characters)


def _read(path: Path) -> tuple[Drawings, list[Character]]:
    with zipfile.ZipFile(path) as archive:
        members = _by_character(archive)
        rows = [_drawings(archive, names) for names in members.values()]
    return np.stack(rows), list(members)


def _by_character(archive: zipfile.ZipFile) -> dict[Character, list[str]]:
    """Names of the PNG files of each character, by drawing."""
    members: dict[Character, list[str]] = defaultdict(list)
    for name in sorted(archive.namelist()):
        parts = name.split("/")
        if name.endswith(".png") and len(parts) == 4:
            members[parts[1], parts[2]].append(name)
    for character, names in members.items():
        if len(names) != DRAWINGS:
            raise SourceFailedError(f"{'/'.join(character)} has {len(names)} drawings, not {DRAWINGS}")
    return dict(members)


def _drawings(archive: zipfile.ZipFile, names: list[str]) -> NDArray[np.bool_]:
    pictures = []
    for name in names:
        with archive.open(name) as stream, open_picture(stream, name, (SIDE, SIDE)) as picture:
            pictures.append(~np.asarray(picture.convert("1"), dtype=np.bool_))
    return np.stack(pictures)
