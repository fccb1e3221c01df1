"""Reading archives and compressed files up to a bound: a small file that unpacks to a huge one is refused.

Nothing is unpacked under a name that an archive chose; no link, device or sparse file in one is read.
"""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from common.data.failures import SourceFailedError

if TYPE_CHECKING:
    from PIL.Image import Image

GZIP_MAGIC = b"\x1f\x8b"
# Headers of a tar state their own length and are read at once; the largest member read at once has 31 MB.
_AT_ONCE = 1 << 26


def read_within(stream: IO[bytes], limit: int, name: str) -> bytes:
    """All that is left of a stream; raises SourceFailedError when that is more than `limit` bytes."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise SourceFailedError(f"{name} unpacks to more than {limit} bytes")
    return data


def open_plain(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked where it is compressed by gzip."""
    with path.open("rb") as stream:
        packed = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return cast(IO[bytes], gzip.open(path)) if packed else path.open("rb")


@contextmanager
def open_tar(path: Path, limit: int) -> Iterator[tarfile.TarFile]:
    """A tar, compressed by gzip or not, of which no more than `limit` unpacked bytes are read."""
    with open_plain(path) as stream, tarfile.open(fileobj=_Bounded(stream, limit, path.name)) as tarred:  # type: ignore[call-overload]
        yield tarred


def member_stream(tarred: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    """The bytes of a plain file in a tar; raises SourceFailedError for a link, a device or a sparse file."""
    stream = tarred.extractfile(member) if member.isreg() and not member.issparse() else None
    if stream is None:
        raise SourceFailedError(f"{member.name} is no plain file in its archive")
    return stream


@contextmanager
def open_picture(source: Path | IO[bytes], name: str, largest: tuple[int, int]) -> Iterator[Image]:
    """A PNG or JPEG, not decoded yet; raises SourceFailedError when wider or higher than `largest`."""
    from PIL import Image

    with Image.open(source, formats=["PNG", "JPEG"]) as picture:
        if picture.width > largest[0] or picture.height > largest[1]:
            raise SourceFailedError(f"{name} has {picture.width} x {picture.height} pixels")
        yield picture


class _Bounded:
    """A stream that refuses to be read beyond `limit`, or in pieces too large for the memory."""

    def __init__(self, stream: IO[bytes], limit: int, name: str) -> None:
        self._stream, self._limit, self._name = stream, limit, name

    def read(self, size: int) -> bytes:
        if size > _AT_ONCE:
            raise SourceFailedError(f"{self._name} has a part of {size} bytes")
        self._check(self.tell())
        return self._stream.read(size)

    def seek(self, position: int) -> int:
        self._check(position)
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()

    def _check(self, position: int) -> None:
        if position > self._limit:
            raise SourceFailedError(f"{self._name} unpacks to more than {self._limit} bytes")
