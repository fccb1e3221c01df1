from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from common.data.arrays import load, verify
from common.data.manifests import read_manifest
from common.data.prepare import OtherContentError, write_prepared
from common.strict import BadInputError

REPOSITORY = Path(__file__).parents[2]


def everything(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_what_is_written_is_read_back_read_only(tmp_path: Path) -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    scalar = np.array(5, dtype=">i8")
    write_prepared("toy", [("images", images), ("scalar", scalar)], tmp_path, {"classes": ["a"]})
    arrays = load("toy", tmp_path)
    np.testing.assert_array_equal(arrays["images"], images)
    assert arrays["scalar"] == 5
    assert isinstance(arrays["images"], np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        arrays["images"][0, 0, 0] = 1
    verify("toy", tmp_path)
    assert read_manifest("toy", tmp_path).facts == {"classes": ["a"]}


def test_arrays_are_taken_one_at_a_time(tmp_path: Path) -> None:
    def arrays() -> Iterator[tuple[str, np.ndarray]]:
        for number in range(3):
            written = sorted(p.name for p in (tmp_path / "data/prepared/.toy.partial").iterdir())
            assert written == [f"a{earlier}.npy" for earlier in range(number)]
            yield f"a{number}", np.zeros(2)

    write_prepared("toy", arrays(), tmp_path, {})


def test_an_error_half_way_leaves_the_earlier_data_set(tmp_path: Path) -> None:
    write_prepared("toy", [("a", np.zeros(3))], tmp_path, {})
    before = everything(tmp_path)

    def failing() -> Iterator[tuple[str, np.ndarray]]:
        yield "a", np.ones(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_prepared("toy", failing(), tmp_path, {})
    assert everything(tmp_path) == before


def test_other_content_than_expected_leaves_the_earlier_data_set(tmp_path: Path) -> None:
    pinned = write_prepared("toy", [("a", np.zeros(3))], tmp_path, {})
    before = everything(tmp_path)
    with pytest.raises(OtherContentError, match=r"hashes to .* pins"):
        write_prepared("toy", [("a", np.ones(3))], tmp_path, {}, expected=pinned.content_hash)
    assert everything(tmp_path) == before


def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="two arrays named 'a'"):
        write_prepared("toy", [("a", np.zeros(1)), ("a", np.ones(1))], tmp_path, {})
    assert everything(tmp_path) == {}


def test_a_killed_preparation_leaves_nothing_that_is_taken_for_whole(tmp_path: Path) -> None:
    program = (
        "import time, numpy as np; from pathlib import Path; from common.data.prepare import write_prepared\n"
        "def arrays():\n yield 'a', np.zeros(3)\n print('half', flush=True)\n time.sleep(60)\n"
        f"write_prepared('toy', arrays(), Path({str(tmp_path)!r}), {{}})"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "half\n"
        os.kill(killed.pid, signal.SIGKILL)
    assert not (tmp_path / "data/prepared/toy").exists()
    with pytest.raises(BadInputError, match="does not exist"):
        load("toy", tmp_path)
    write_prepared("toy", [("a", np.ones(3))], tmp_path, {})
    assert sorted(everything(tmp_path)) == ["data/manifests/toy.json", "data/prepared/toy/a.npy"]


def test_the_same_content_gives_the_same_manifest_bytes(tmp_path: Path) -> None:
    arrays = {"a": np.arange(3), "b": np.ones((2, 2))}
    write_prepared("toy", arrays.items(), tmp_path / "one", {"z": 1, "y": 2})
    time.sleep(0.01)
    write_prepared("toy", reversed(arrays.items()), tmp_path / "two", {"y": 2, "z": 1})
    one, two = (tmp_path / name / "data/manifests/toy.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
