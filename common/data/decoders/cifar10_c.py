"""The official release of CIFAR-10-C: one array per corruption, five severities of the test set in a row."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import numpy as np

from common.data.bounded import member_stream, open_tar, read_within
from common.data.canonical import Array
from common.data.decoders import Decoded
from common.data.failures import SourceFailedError

SEVERITIES = 5
FOLDER = "CIFAR-10-C"
LARGEST_BYTES = 1 << 32  # the official archive has 2.9 GB, each array in it 154 MB
LARGEST_ARRAY = 1 << 28


def decode(files: Mapping[str, Path]) -> Decoded:
    """`<corruption>_<severity>` uint8 [n, 32, 32, 3] for every corruption, and `labels` int64 [n]."""
    return Decoded(_arrays(files["CIFAR-10-C.tar"]), {"severities": SEVERITIES})


def _arrays(archive: Path) -> Iterator[tuple[str, Array]]:
    with open_tar(archive, LARGEST_BYTES) as tarred:
        for member in tarred:
            folder, _, name = member.name.removeprefix("./").partition("/")
            if folder == FOLDER and name.endswith(".npy"):
                yield from _by_severity(name.removesuffix(".npy"), _read(member_stream(tarred, member), name))


def _by_severity(name: str, values: Array) -> Iterator[tuple[str, Array]]:
    if len(values) % SEVERITIES:
        raise SourceFailedError(f"{name}.npy has {len(values)} rows, not five times a test set")
    parts = values.reshape(SEVERITIES, -1, *values.shape[1:])
    if name != "labels":
        yield from ((f"{name}_{severity}", part) for severity, part in enumerate(parts, start=1))
    elif (parts != parts[0]).any():
        raise SourceFailedError("labels.npy does not repeat the labels for every severity")
    else:
        yield "labels", parts[0].astype(np.int64)


def _read(stream: IO[bytes], name: str) -> Array:
    """An array by way of memory (150 MB): numpy can't read one from inside a tar. Pickles are refused."""
    array: Array = np.load(io.BytesIO(read_within(stream, LARGEST_ARRAY, name)), allow_pickle=False)
    return array
