"""The official Python archive of CIFAR-10: a tar of pickled batches, read without unrestricted pickle."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from common.data.decoders import Decoded
from common.data.decoders.cifar10.batches import TEST_BATCHES, TRAIN_BATCHES, Batch, decoded
from common.data.decoders.cifar10.safe_pickle import load_safely
from common.data.failures import SourceFailedError


def decode(files: Mapping[str, Path]) -> Decoded:
    """The canonical arrays from `cifar-10-python.tar.gz`."""
    batches = _read(files["cifar-10-python.tar.gz"])
    return decoded(lambda name: _images_and_labels(batches[name]))


def _read(archive: Path) -> dict[str, Any]:
    """Every batch by name; one pass, since seeking in a compressed tar starts over."""
    wanted = {f"cifar-10-batches-py/{name}": name for name in (*TRAIN_BATCHES, *TEST_BATCHES)}
    batches = {}
    with tarfile.open(archive) as tarred:
        for member in tarred:
            stream = tarred.extractfile(member) if member.name in wanted else None
            if stream is not None:
                batches[wanted[member.name]] = load_safely(stream, member.name)
    missing = sorted(set(wanted.values()) - set(batches))
    if missing:
        raise SourceFailedError(f"{archive.name} has no {', '.join(missing)}")
    return batches


def _images_and_labels(batch: Any) -> Batch:
    """A batch holds `data` [n, 3072], all red values of an image first, then green, then blue."""
    planes = batch[b"data"].reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.asarray(batch[b"labels"], dtype=np.int64)
