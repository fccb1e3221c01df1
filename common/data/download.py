"""Downloading one file: resumable, checked before use, renamed into place only when whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from common.data.checksums import difference, has_checksum
from common.data.failures import SourceFailedError
from common.data.progress import byte_progress
from common.data.sources import Checksum
from common.refusals import naming

if TYPE_CHECKING:
    import requests

BLOCK_BYTES = 1 << 18
TIMEOUT_SECONDS = (10, 60)  # to connect, and between two blocks


def download(url: str, target: Path, wanted: Checksum) -> None:
    """Fetch `url` to `target`; does nothing when `target` already holds the wanted bytes.

    Bytes go to `<target>.partial`, which an interrupted download leaves behind for the next to resume from.
    Raises SourceFailedError when the server can't be reached or serves other bytes.
    """
    if has_checksum(target, wanted):
        return
    partial = target.with_name(target.name + ".partial")
    resumed = _transfer(url, partial)
    if resumed and not has_checksum(partial, wanted):
        partial.unlink()  # the beginning may come from another file of that name: once more from the start
        _transfer(url, partial)
    if not has_checksum(partial, wanted):
        reason = difference(partial, wanted)
        partial.unlink()
        raise SourceFailedError(f"{target.name} has other bytes there: {reason}")
    partial.replace(target)


def _transfer(url: str, partial: Path) -> bool:
    """Append what is missing to `partial`, or write it anew; returns whether it was appended to."""
    import requests
    import urllib3

    done = partial.stat().st_size if partial.exists() else 0
    # Encoded, the bytes would be others than those that have a checksum, and a range of them yet others.
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={done}-"} if done else {})}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
            if done and response.status_code == requests.codes.requested_range_not_satisfiable:
                return True  # nothing is missing, or the file is another one: the checksum tells
            response.raise_for_status()
            resumed = bool(done) and response.status_code == requests.codes.partial_content
            _save(response, partial, done if resumed else 0)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise SourceFailedError(f"{partial.stem} can't be fetched ({_reason(error)})") from None
    return resumed


def _save(response: requests.Response, partial: Path, done: int) -> None:
    length = response.headers.get("Content-Length", "")
    total = done + int(length) if length.isdecimal() else None
    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("ab" if done else "wb") as stream, byte_progress(partial.stem, total, done) as bar:
        # As they lie there: some servers say of a .gz that it is encoded so, and would have it unpacked here.
        for block in response.raw.stream(BLOCK_BYTES, decode_content=False):
            with naming(partial):
                stream.write(block)
            bar.update(len(block))


def _reason(error: Exception) -> str:
    """The innermost cause in one line: requests wraps it in several layers of representation."""
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    return " ".join(str(cause).split())[:200] or type(cause).__name__
