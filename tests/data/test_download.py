from __future__ import annotations

from pathlib import Path

import pytest

from common.data.download import download
from common.data.failures import SourceFailedError
from common.data.sources import Checksum
from tests.data.samples import sha256
from tests.data.serving import Server

DATA = bytes(range(256)) * 4000
WANTED = Checksum(sha256=sha256(DATA))


def test_a_file_comes_whole_and_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    server.files["file.bin"] = DATA
    target = tmp_path / "new" / "file.bin"
    download(server.base + "file.bin", target, WANTED)
    download(server.base + "file.bin", target, WANTED)
    assert target.read_bytes() == DATA
    assert server.asked == [None]


def test_a_cut_download_is_never_taken_for_whole_and_is_resumed(server: Server, tmp_path: Path) -> None:
    server.files["file.bin"] = DATA
    server.cut_after = 300_000
    target = tmp_path / "file.bin"
    with pytest.raises(SourceFailedError, match=r"file\.bin can't be fetched"):
        download(server.base + "file.bin", target, WANTED)
    assert not target.exists()
    done = (tmp_path / "file.bin.partial").stat().st_size
    assert 0 < done <= 300_000
    download(server.base + "file.bin", target, WANTED)
    assert target.read_bytes() == DATA
    assert server.asked == [None, f"bytes={done}-"]
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"]


def test_a_server_without_ranges_makes_it_start_over(server: Server, tmp_path: Path) -> None:
    server.files["file.bin"] = DATA
    server.honours_ranges = False
    (tmp_path / "file.bin.partial").write_bytes(DATA[:1000])
    download(server.base + "file.bin", tmp_path / "file.bin", WANTED)
    assert (tmp_path / "file.bin").read_bytes() == DATA


@pytest.mark.parametrize("beginning", [b"another file's beginning", DATA + b"longer than the file"])
def test_a_beginning_of_another_file_makes_it_start_over(
    server: Server, tmp_path: Path, beginning: bytes
) -> None:
    server.files["file.bin"] = DATA
    (tmp_path / "file.bin.partial").write_bytes(beginning)
    download(server.base + "file.bin", tmp_path / "file.bin", WANTED)
    assert (tmp_path / "file.bin").read_bytes() == DATA
    assert server.asked == [f"bytes={len(beginning)}-", None]


def test_a_whole_but_unchecked_file_is_kept(server: Server, tmp_path: Path) -> None:
    server.files["file.bin"] = DATA
    (tmp_path / "file.bin.partial").write_bytes(DATA)
    download(server.base + "file.bin", tmp_path / "file.bin", WANTED)
    assert (tmp_path / "file.bin").read_bytes() == DATA
    assert server.asked == [f"bytes={len(DATA)}-"]


def test_other_bytes_are_refused_and_removed(server: Server, tmp_path: Path) -> None:
    server.files["file.bin"] = DATA + b"!"
    with pytest.raises(
        SourceFailedError, match=r"file\.bin has other bytes there: its sha256 is .* instead of"
    ):
        download(server.base + "file.bin", tmp_path / "file.bin", WANTED)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_a_sentence(server: Server, tmp_path: Path) -> None:
    with pytest.raises(SourceFailedError, match=r"file\.bin can't be fetched \(404"):
        download(server.base + "file.bin", tmp_path / "file.bin", WANTED)


def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceFailedError, match=r"can't be fetched \(.*refused"):
        download("http://127.0.0.1:9/file.bin", tmp_path / "file.bin", WANTED)
    assert list(tmp_path.iterdir()) == []
