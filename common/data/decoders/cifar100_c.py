"""The official release of CIFAR-100-C: as that of CIFAR-10-C, in an archive and a folder of its own name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from common.data.bounded import member_stream, open_tar
from common.data.canonical import Array
from common.data.decoders import Decoded
from common.data.decoders.cifar10_c import LARGEST_BYTES, SEVERITIES, _by_severity, _read

FOLDER = "CIFAR-100-C"


def decode(files: Mapping[str, Path]) -> Decoded:
    """`<corruption>_<severity>` uint8 [n, 32, 32, 3] for every corruption, and `labels` int64 [n]."""
    return Decoded(_arrays(files["CIFAR-100-C.tar"]), {"severities": SEVERITIES})


def _arrays(archive: Path) -> Iterator[tuple[str, Array]]:
    with open_tar(archive, LARGEST_BYTES) as tarred:
        for member in tarred:
            folder, _, name = member.name.removeprefix("./").partition("/")
            if folder == FOLDER and name.endswith(".npy"):
                yield from _by_severity(name.removesuffix(".npy"), _read(member_stream(tarred, member), name))
