"""Servers and copies that hold other bytes than they should: named, refused, and the next source is tried."""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from common.data.arrays import verify
from common.data.obtain import obtain
from tests.data.samples import LETTERS, letters_entry

DATA = LETTERS * 300
FILE = "letter-recognition.data"
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers each request so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *arguments: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, **headers: str) -> None:
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def flipped() -> bytes:
    changed = bytearray(DATA)
    changed[random.Random(0).randrange(len(DATA))] ^= 4
    return bytes(changed)


LIES: dict[str, tuple[Answer, str]] = {
    "a page in place of the file": (
        lambda request: send(request, b"<html>Please log in</html>", Content_Type="text/html"),
        "has other bytes there: its sha256 is",
    ),
    "more promised than sent": (
        lambda request: send(request, DATA[:4000], Content_Length=str(len(DATA))),
        "can't be fetched (",
    ),
    "less promised than sent": (
        lambda request: send(request, DATA, Content_Length="4000"),
        "has other bytes there",
    ),
    "no length, closed in the middle": (
        lambda request: send(request, DATA[:4000]),
        "has other bytes there",
    ),
    "compressed, though nobody asked": (
        lambda request: send(request, gzip.compress(DATA), Content_Encoding="gzip"),
        "has other bytes there",
    ),
    "a bit flipped": (lambda request: send(request, flipped()), "has other bytes there"),
    "a length that is no number": (
        lambda request: send(request, flipped(), Content_Length="many"),
        f"{FILE} ",
    ),
    "no answer at all": (lambda request: request.wfile.close(), "can't be fetched ("),
    "no HTTP": (lambda request: request.wfile.flush(), "can't be fetched ("),
}


def obtained(root: Path, *addresses: str) -> list[str]:
    said: list[str] = []
    sources = [{"kind": "home", "base": address} for address in addresses]
    obtain("letters", {"letters": letters_entry(DATA, sources)}, root, said.append)
    return said


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_named_and_the_next_source_is_tried(tmp_path: Path, lie: str) -> None:
    answer, named = LIES[lie]
    with serving(answer) as liar, serving(lambda request: send(request, DATA)) as honest:
        failed, served = obtained(tmp_path, liar, honest)
    assert failed.startswith(f"letters: {liar} failed: {FILE} ")
    assert named in failed
    assert served == f"letters: prepared from {honest}"
    verify("letters", tmp_path)


def test_a_file_that_is_said_to_be_encoded_as_it_is_comes_as_it_is(tmp_path: Path) -> None:
    """Some servers say of a file that ends with .gz that it is encoded so."""
    with serving(lambda request: send(request, DATA, Content_Encoding="gzip")) as server:
        assert obtained(tmp_path, server) == [f"letters: prepared from {server}"]


@pytest.mark.parametrize("fault", [flipped(), DATA[:-40], b""], ids=["flipped", "truncated", "empty"])
def test_a_kept_download_that_was_damaged_is_fetched_again(tmp_path: Path, fault: bytes) -> None:
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        send(request, DATA)

    with serving(answer) as server:
        obtained(tmp_path, server)
        [kept] = (tmp_path / "data/downloads/letters").rglob(FILE)
        kept.write_bytes(fault)
        obtained(tmp_path, server)
    assert asked == [f"/{FILE}"] * 2
    assert kept.read_bytes() == DATA


@pytest.mark.parametrize("fault", [flipped(), DATA[:-40], b""], ids=["flipped", "truncated", "empty"])
def test_a_damaged_mirror_is_named_and_the_next_source_is_tried(tmp_path: Path, fault: bytes) -> None:
    (tmp_path / "mirror" / "uci").mkdir(parents=True)
    (tmp_path / "mirror" / "uci" / FILE).write_bytes(fault)
    said: list[str] = []
    with serving(lambda request: send(request, DATA)) as server:
        sources = [{"kind": "mirror", "folder": "uci"}, {"kind": "home", "base": server}]
        obtain("letters", {"letters": letters_entry(DATA, sources)}, tmp_path, said.append)
    assert f"uci/{FILE} holds other bytes: its sha256 is" in said[0]
    assert said[1] == f"letters: prepared from {server}"
