"""Writing prepared data sets: arrays that memory-map and their manifest, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from common.data.manifests import PREPARED, ArrayFacts, Manifest, combined_hash, write_manifest
from common.data.progress import progress
from common.refusals import naming
from common.strict import BadInputError

if TYPE_CHECKING:
    from common.data.canonical import Array


class OtherContentError(BadInputError):
    """The arrays are not those that the committed manifest pins."""


def write_prepared(
    dataset: str,
    arrays: Iterable[tuple[str, Array]],
    root: Path,
    facts: Mapping[str, JsonValue],
    expected: str | None = None,
) -> Manifest:
    """Write `arrays` to data/prepared/<dataset>/<name>.npy and the manifest beside the others.

    Arrays are taken from the iterable one at a time, so only one needs to fit in memory. All are written
    to a hidden folder that is renamed at the end: an interrupted call leaves the earlier data set, or none.
    Raises OtherContentError when the content hash is not `expected`, and leaves things as they were.
    """
    target = root / PREPARED / dataset
    partial = target.with_name(f".{dataset}.partial")
    _remove(partial)
    partial.mkdir(parents=True)
    try:
        with naming(target):
            manifest = _fill(partial, dataset, arrays, facts)
        _check(manifest, expected)
        _publish(partial, target)
    finally:
        _remove(partial)
    write_manifest(manifest, root)
    return manifest


def _fill(
    folder: Path, dataset: str, arrays: Iterable[tuple[str, Array]], facts: Mapping[str, JsonValue]
) -> Manifest:
    import numpy as np

    from common.data.canonical import canonical, canonical_hash

    described: dict[str, ArrayFacts] = {}
    for name, array in progress(arrays, f"prepare {dataset}", "array"):
        if name in described:
            raise BadInputError(f"Data set '{dataset}' has two arrays named '{name}'.")
        array = canonical(array)
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
        described[name] = ArrayFacts(
            shape=list(array.shape), dtype=array.dtype.str, hash=canonical_hash(array)
        )
    content = combined_hash(described)
    return Manifest(dataset=dataset, content_hash=content, arrays=described, facts=dict(facts))


def _check(manifest: Manifest, expected: str | None) -> None:
    if expected is not None and manifest.content_hash != expected:
        raise OtherContentError(
            f"The decoded content of '{manifest.dataset}' hashes to {manifest.content_hash[:12]}…, but "
            f"data/manifests/{manifest.dataset}.json pins {expected[:12]}…"
        )


def _publish(partial: Path, target: Path) -> None:
    replaced = target.with_name(f".{target.name}.replaced")
    _remove(replaced)
    if target.exists() or target.is_symlink():
        target.rename(replaced)
    partial.rename(target)
    _remove(replaced)


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
