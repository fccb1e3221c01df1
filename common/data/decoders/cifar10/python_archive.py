"""The official Python archive of CIFAR-10: a tar of pickled batches, read without unrestricted pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from common.data.bounded import member_stream, open_tar
from common.data.decoders import Decoded
from common.data.decoders.cifar10.batches import TEST_BATCHES, TRAIN_BATCHES, Batch, decoded
from common.data.decoders.cifar10.safe_pickle import load_safely
from common.data.failures import SourceFailedError

LARGEST_BYTES = 1 << 28  # the official archive unpacks to 186 MB


def decode(files: Mapping[str, Path]) -> Decoded:
    """The canonical arrays from `cifar-10-python.tar.gz`."""
    batches = _read(files["cifar-10-python.tar.gz"])
    return decoded(lambda name: _images_and_labels(batches[name]))


def _read(archive: Path) -> dict[str, Any]:
    """Every batch by name; one pass, since seeking in a compressed tar starts over."""
    wanted = {f"cifar-10-batches-py/{name}": name for name in (*TRAIN_BATCHES, *TEST_BATCHES)}
    batches = {}
    with open_tar(archive, LARGEST_BYTES) as tarred:
        for member in tarred:
            if member.name in wanted:
                stream = member_stream(tarred, member)
                batches[wanted[member.name]] = load_safely(stream, member.name)
    missing = sorted(set(wanted.values()) - set(batches))
    if missing:
        raise SourceFailedError(f"{archive.name} has no {', '.join(missing)}")
    return batches


def _images_and_labels(batch: Any) -> Batch:
    """A batch holds `data` [n, 3072], all red values of an image first, then green, then blue."""
    data, labels = batch[b"data"], batch[b"labels"]
    # Checked before anything is made of them: a pickle of a few bytes may state an array of any size.
    if not all(type(label) is int for label in labels) or data.shape != (len(labels), 3072):
        raise SourceFailedError(f"a batch holds no {len(labels)} images of 3072 bytes")
    planes = data.reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.asarray(labels, dtype=np.int64)
