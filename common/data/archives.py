"""Reading named members of archives as streams; nothing is unpacked under a name that the archive chose."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from common.data.bounded import member_stream, open_tar
from common.data.failures import SourceFailedError
from common.refusals import naming

MOST_TIMES = 100  # its own size; the archives of sources.yaml unpack to five times of it
_MALFORMED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,
)


@contextmanager
def open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """A stream of one member of a zip or tar archive; raises SourceFailedError when it is not there."""
    try:
        limit = archive.stat().st_size * MOST_TIMES
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped, zipped.open(member) as stream:
                if zipped.getinfo(member).file_size > limit:
                    raise SourceFailedError(f"{archive.name} unpacks to more than {limit} bytes")
                yield stream
        else:
            with open_tar(archive, limit) as tarred:
                yield _tar_member(tarred, member)
    except (*_MALFORMED, KeyError) as error:
        raise SourceFailedError(f"{archive.name} has no readable {member} ({error})") from None


def extract_members(
    archive: Path, members: Mapping[str, Path], files_checked_by: Callable[[Path], None]
) -> None:
    """Write each member to its path: to a temporary folder first, checked, then renamed."""
    for member, target in members.items():
        partial = target.parent / ".partial" / target.name
        partial.parent.mkdir(exist_ok=True)
        try:
            with naming(target), open_member(archive, member) as stream, partial.open("wb") as copy:
                shutil.copyfileobj(stream, copy)
            files_checked_by(partial)
            partial.replace(target)
        finally:
            shutil.rmtree(partial.parent)


def _tar_member(tarred: tarfile.TarFile, member: str) -> IO[bytes]:
    for name in (member, f"./{member}"):
        if name in tarred.getnames():
            return member_stream(tarred, tarred.getmember(name))
    raise KeyError("no file of that name")
