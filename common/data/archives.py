"""Reading named members of archives as streams; nothing is unpacked under a name that the archive chose."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from common.data.failures import SourceFailedError


@contextmanager
def open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """A stream of one member of a zip or tar archive; raises SourceFailedError when it is not there."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped, zipped.open(member) as stream:
                yield stream
        else:
            with tarfile.open(archive) as tarred:
                yield _tar_member(tarred, member)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise SourceFailedError(f"{archive.name} has no readable {member} ({error})") from None


def extract_members(
    archive: Path, members: Mapping[str, Path], files_checked_by: Callable[[Path], None]
) -> None:
    """Write each member to its path: to a temporary folder first, checked, then renamed."""
    for member, target in members.items():
        partial = target.parent / ".partial" / target.name
        partial.parent.mkdir(exist_ok=True)
        try:
            with open_member(archive, member) as stream, partial.open("wb") as copy:
                shutil.copyfileobj(stream, copy)
            files_checked_by(partial)
            partial.replace(target)
        finally:
            shutil.rmtree(partial.parent)


def _tar_member(tarred: tarfile.TarFile, member: str) -> IO[bytes]:
    for name in (member, f"./{member}"):
        if name in tarred.getnames():
            stream = tarred.extractfile(name)
            if stream is not None:
                return stream
    raise KeyError("no file of that name")
