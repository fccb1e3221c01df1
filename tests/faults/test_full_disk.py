"""Where the disk fills up: a sentence that names the file, nothing half-written, then all well with space."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from common.atomic import replacing, write_text
from common.data.arrays import verify
from common.data.manifests import manifest_path
from common.data.obtain import obtain
from common.data.prepare import write_prepared
from common.data.seals import seal
from common.pages.files import write_bytes
from common.records.collected import collect, read_collected
from common.records.store import write_record
from common.refusals import refusals_in_words
from common.strict import BadInputError
from tests.claims.builders import TEMPLATE
from tests.data.conftest import server  # noqa: F401
from tests.data.samples import LETTERS, letters_entry
from tests.data.serving import Server
from tests.faults.disks import Disk

LARGE = np.arange(1 << 17, dtype=np.uint32)  # as much as the whole disk


def text(root: Path) -> None:
    write_text(root / "page.html", "x" * LARGE.nbytes)


def picture(root: Path) -> None:
    write_bytes(root / "figure.png", bytes(LARGE.nbytes))


def record(root: Path) -> None:
    write_record(root / "seed0" / "all.json", TEMPLATE, {"loss": [0.5] * 40_000})


def collected(root: Path) -> None:
    paths = []
    for seed in range(400):
        paths.append(root.parent / "records" / f"seed{seed}.json")
        write_record(paths[-1], TEMPLATE.model_copy(update={"seed": seed}), None)
    collect(paths, root / "records.jsonl")


def arrays(root: Path) -> None:
    write_prepared("toy", [("small", np.arange(3)), ("large", LARGE)], root, {})


def artefact_of_torch(root: Path) -> None:
    import torch

    with replacing(root / "network.pt") as temporary:
        torch.save({"weights": torch.zeros(1 << 17)}, temporary)


def artefact_of_numpy(root: Path) -> None:
    with replacing(root / "sets.npz") as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, large=LARGE)


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()} - {"filling"}


@pytest.mark.parametrize(
    ("write", "named"),
    [
        (text, "page.html"),
        (picture, "figure.png"),
        (record, "seed0/all.curves.json"),
        (collected, "records.jsonl"),
        (arrays, "data/prepared/toy"),
        (artefact_of_torch, "network.pt"),
        (artefact_of_numpy, "sets.npz"),
    ],
)
def test_nothing_half_written_is_left(disk: Disk, write: Callable[[Path], None], named: str) -> None:
    disk.fill(left=1 << 17)
    with pytest.raises(BadInputError) as caught, refusals_in_words():
        write(disk.path)
    assert str(caught.value) == (
        f"{disk.path / named} can't be used: No space left on device. "
        "Free some space on its disk, then run again."
    )
    assert files_of(disk.path) == set()
    disk.clear()
    disk.resize(1 << 22)
    write(disk.path)
    assert files_of(disk.path)


def test_what_was_there_stays(disk: Disk) -> None:
    write_text(disk.path / "page.html", "earlier")
    with pytest.raises(OSError, match=r"No space left.*page\.html"):
        text(disk.path)
    assert (disk.path / "page.html").read_text() == "earlier"


def test_a_manifest_that_cannot_be_written_leaves_data_without_a_pin(disk: Disk) -> None:
    """The arrays fit, the manifest doesn't: it is written last, so nothing vouches for the arrays."""
    manifests = manifest_path("toy", disk.path).parent
    manifests.mkdir(parents=True)
    small = np.arange(64, dtype=np.uint8)
    disk.fill(left=4096 * 5)  # folders take none, each file a page
    names = [(f"array{number}", small) for number in range(5)]
    with (
        pytest.raises(BadInputError, match=r"manifests/toy\.json can't be used: No space"),
        refusals_in_words(),
    ):
        write_prepared("toy", names, disk.path, {})
    assert files_of(manifests) == set()
    with pytest.raises(BadInputError, match=r"toy\.json does not exist"):
        seal("toy", disk.path)
    disk.clear()
    write_prepared("toy", names, disk.path, {})
    seal("toy", disk.path)


def test_a_download_ends_at_once_and_goes_on_where_it_stopped(disk: Disk, server: Server) -> None:  # noqa: F811
    letters = LETTERS * 6000
    server.files["letter-recognition.data"] = letters
    sources = [{"kind": "home", "base": server.base}, {"kind": "home", "base": f"{server.base}other/"}]
    entries = {"letters": letters_entry(letters, sources)}
    said: list[str] = []
    disk.resize(1 << 22)
    disk.fill(left=1 << 18)
    with (
        pytest.raises(BadInputError, match=r"letter-recognition\.data\.partial can't be used: No space left"),
        refusals_in_words(),
    ):
        obtain("letters", entries, disk.path, said.append)
    assert said == []  # no other source was tried: there is no more space for what it serves
    disk.clear()
    obtain("letters", entries, disk.path, said.append)
    assert said == [f"letters: prepared from {server.base}"]
    assert server.asked[-1] is not None
    verify("letters", disk.path)


def test_collected_records_are_whole_or_absent(disk: Disk) -> None:
    disk.fill(left=1 << 16)
    with pytest.raises(OSError, match="No space"):
        collected(disk.path)
    assert not (disk.path / "records.jsonl").exists()
    disk.clear()
    disk.resize(1 << 22)
    collected(disk.path)
    assert len(read_collected(disk.path / "records.jsonl")) == 400


def test_an_error_that_nobody_can_help_stays_what_it_is() -> None:
    with pytest.raises(FileNotFoundError), refusals_in_words():
        raise FileNotFoundError(errno.ENOENT, "No such file")


def test_an_error_of_the_code_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    def fail() -> None:
        with replacing(tmp_path / "file"):
            raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        fail()
