"""Manifests: the small committed JSON files that pin what every prepared data set contains.

Nothing here depends on the source that served the data, nor imports numpy: the Snakefile reads manifests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, JsonValue

from common.atomic import write_text
from common.strict import BadInputError, StrictModel, read_json, validate

MANIFESTS = Path("data/manifests")
PREPARED = Path("data/prepared")

DatasetName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]
# Tensors of a checkpoint keep their names: `_conv_stem.weight`, `layer1.0.conv1.weight`.
ArrayName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.]*$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ArrayFacts(StrictModel):
    """Shape, numpy dtype string (`|u1`, `<i8` …) and canonical hash of one array."""

    shape: list[int]
    dtype: str
    hash: Digest


class Manifest(StrictModel):
    """What a prepared data set contains; `facts` holds its classes, counts and whatever else pins it."""

    dataset: DatasetName
    content_hash: Digest
    arrays: dict[ArrayName, ArrayFacts] = Field(min_length=1)
    facts: dict[str, JsonValue] = {}


def combined_hash(arrays: Mapping[str, ArrayFacts]) -> str:
    """Content hash of a data set: SHA-256 over the lines `<array name> <array hash>`, sorted by name."""
    lines = "".join(f"{name} {arrays[name].hash}\n" for name in sorted(arrays))
    return hashlib.sha256(lines.encode()).hexdigest()


def manifest_path(dataset: str, root: Path = Path()) -> Path:
    """Where the manifest of `dataset` is committed."""
    return root / MANIFESTS / f"{dataset}.json"


def read_manifest(dataset: str, root: Path = Path()) -> Manifest:
    """The committed manifest; raises BadInputError when it is missing, malformed or contradicts itself."""
    path = manifest_path(dataset, root)
    try:
        data = read_json(path, f"Type: git checkout {path}")
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist. Type: {command_for(dataset)}") from None
    manifest = validate(Manifest, data, str(path))
    if manifest.dataset != dataset or manifest.content_hash != combined_hash(manifest.arrays):
        raise BadInputError(f"{path} was edited by hand: its hashes disagree. Type: git checkout {path}")
    return manifest


def write_manifest(manifest: Manifest, root: Path = Path()) -> Path:
    """Write the manifest in one step; the same content gives the same bytes."""
    path = manifest_path(manifest.dataset, root)
    write_text(path, json.dumps(manifest.model_dump(), indent=2, sort_keys=True) + "\n")
    return path


def content_hash(dataset: str, root: Path = Path()) -> str:
    """Canonical content hash of the data set, from its committed manifest."""
    return read_manifest(dataset, root).content_hash


def array_files(dataset: str, root: Path = Path()) -> list[str]:
    """Paths of the prepared arrays relative to the repository root, from the committed manifest."""
    return [str(PREPARED / dataset / f"{name}.npy") for name in sorted(read_manifest(dataset, root).arrays)]


def command_for(dataset: str) -> str:
    """The command that makes the data set; one that no source serves is derived by a DVC stage."""
    from common.data.sources import load_sources  # which names the patterns of this module

    return f"python -m common.data {dataset}" if dataset in load_sources() else "dvc repro"
