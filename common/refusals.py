"""What the operating system refuses, such as to write where the disk is full, told in sentences."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.strict import BadInputError

_FULL = "Free some space on its disk, then run again."
_FORBIDDEN = "Make it yours to write (ls -ld shows whose it is), then run again."
_IN_THE_WAY = "A file stands where a folder belongs, or a folder where a file does: move it, then run again."
_ADVICE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: "Work in a folder that can be written, or mount its disk so that it can, then run again.",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENAMETOOLONG: "Shorten the names that it is made of, then run again.",
    errno.EIO: "Its disk may be failing: look after that, then run again.",
}
# A library that couldn't write its last block may leave less than that free.
_NEXT_TO_NOTHING = 1 << 20


def in_words(error: OSError) -> str | None:
    """A sentence for a refusal that the user can do something about; None for any other error."""
    if error.errno not in _ADVICE:
        return None
    path = error.filename2 or error.filename
    where = os.fspath(path) if isinstance(path, str | os.PathLike) else "A file"
    return f"{where} can't be used: {os.strerror(error.errno)}. {_ADVICE[error.errno]}"


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn a refusal of the operating system into a BadInputError; any other error stays what it is."""
    try:
        yield
    except OSError as error:
        sentence = in_words(error)
        if sentence is None:
            raise
        raise BadInputError(sentence) from error


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of writing `path` name it, as the operating system does for an error of opening it.

    numpy and torch don't hand on that the disk is full; whether it is gets looked up.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None and _is_full(path.parent):
            raise _no_space(path) from error
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise
    except RuntimeError as error:
        if _is_full(path.parent):
            raise _no_space(path) from error
        raise


def _is_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < _NEXT_TO_NOTHING


def _no_space(path: Path) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
