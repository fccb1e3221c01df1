"""Fixtures of the data layer: a small CIFAR-10, a local server, and no mirror of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from common.data.mirror import MIRROR_VARIABLE
from tests.data.samples import SmallCifar
from tests.data.serving import Server, answer


@pytest.fixture(autouse=True)
def _no_mirror_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path / "mirror"))


@pytest.fixture
def small_cifar() -> SmallCifar:
    generator = np.random.default_rng(3)
    images = generator.integers(0, 256, (6, 4, 32, 32, 3), dtype=np.uint8)
    return SmallCifar(images, generator.integers(0, 10, (6, 4)))


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, state)

        def log_message(self, *arguments: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    state.base = f"http://127.0.0.1:{listening.server_port}/"
    yield state
    listening.shutdown()
    thread.join()
    listening.server_close()
