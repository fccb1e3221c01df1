"""Archives that write elsewhere, hand out links, unpack without end or run code: refused in a sentence."""

from __future__ import annotations

import functools
import gzip
import io
import pickle
import resource
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from common.data.archives import extract_members
from common.data.decoders import decode
from common.data.failures import SourceFailedError
from tests.data.samples import add_member, idx_bytes

ZEROS = bytes(1 << 20)
MUCH = 300  # megabytes, which a bomb of a third of one unpacks to


def take(archive: Path, member: str) -> Path:
    """Take one member out of a package's archive, as a package registry's would be."""
    target = archive.parent / "taken" / "file"
    target.parent.mkdir()
    extract_members(archive, {member: target}, files_checked_by=lambda path: None)
    return target


def tar_with(path: Path, member: tarfile.TarInfo, data: bytes = b"") -> Path:
    member.size = len(data)
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(data))
    return path


def typed(kind: bytes, name: str = "package/file", link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


@pytest.mark.parametrize(
    "member",
    [
        typed(tarfile.SYMTYPE, link="/etc/passwd"),
        typed(tarfile.SYMTYPE, link="../../secret"),
        typed(tarfile.SYMTYPE, link="package/file"),  # to itself
        typed(tarfile.LNKTYPE, link="/etc/passwd"),
        typed(tarfile.LNKTYPE, link="package/file"),
        typed(tarfile.CHRTYPE),
        typed(tarfile.FIFOTYPE),
        typed(tarfile.DIRTYPE),
    ],
    ids=lambda member: f"{member.type.decode()} {member.linkname}",
)
def test_what_is_no_plain_file_is_refused(tmp_path: Path, member: tarfile.TarInfo) -> None:
    with pytest.raises(SourceFailedError, match="package/file is no plain file in its archive"):
        take(tar_with(tmp_path / "package.tgz", member), "package/file")
    assert list((tmp_path / "taken").iterdir()) == []


def test_a_link_between_members_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, "package/other", b"what the link would read")
        archive.addfile(typed(tarfile.SYMTYPE, link="other"))
    with pytest.raises(SourceFailedError, match="no plain file"):
        take(path, "package/file")


@pytest.mark.parametrize("name", ["../outside", "/absolute", "package/../../outside"])
def test_names_that_lead_elsewhere_are_never_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "inner" / "package.tgz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, name, b"elsewhere")
        add_member(archive, "package/file", b"wanted")
    assert take(path, "package/file").read_bytes() == b"wanted"
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert files == {"inner/package.tgz", "inner/taken/file"}


@functools.cache
def zipped(member: str) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(member, "w") as unpacked,
    ):
        for _ in range(MUCH):
            unpacked.write(ZEROS)
    return stream.getvalue()


def zip_bomb(path: Path, member: str) -> Path:
    path.write_bytes(zipped(member))
    return path


def gzip_bomb(path: Path, head: bytes = b"") -> Path:
    path.write_bytes(gzip.compress(head) + gzip.compress(ZEROS) * MUCH)  # one after the other are one
    return path


def tar_head(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def picture_bomb(path: Path) -> Path:
    """A PNG that says it has 60,000 pixels both ways, in a few bytes."""
    from PIL import Image

    Image.new("RGB", (8, 8)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    path.write_bytes(data)
    return path


def omniglot_of(archive: Path, folder: Path) -> dict[str, Path]:
    (folder / "characters.tsv").write_text("split\trow\talphabet\tcharacter\n")
    return {
        **{f"images_{split}.npz": archive for split in ("background", "evaluation")},
        "characters.tsv": folder / "characters.tsv",
    }


def repeated_tensor(path: Path) -> Path:
    import torch

    torch.save({"state_dict": {"weight": torch.zeros(1).expand(1 << 20, 1 << 12)}}, path)
    return path


def large_pickle(path: Path) -> Path:
    """A batch of a few bytes that states an array of 64 GB, which it doesn't hold."""
    with tarfile.open(path, "w:gz") as archive:
        for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
            data = b"(dC\x04datacnumpy\nndarray\n((I20971520\nI3072\ntS'u1'\ntRsC\x06labels]s."
            add_member(archive, f"cifar-10-batches-py/{name}", data)
    return path


BOMBS: dict[str, Callable[[Path], object]] = {
    "zip": lambda folder: take(zip_bomb(folder / "package.whl", "package/file"), "package/file"),
    "tar": lambda folder: take(
        gzip_bomb(folder / "package.tgz", tar_head("package/file", MUCH << 20)), "package/file"
    ),
    "header of a tar": lambda folder: take(
        gzip_bomb(folder / "package.tgz", tar_head("x", MUCH << 20, tarfile.XHDTYPE)), "package/file"
    ),
    "before the member": lambda folder: take(
        gzip_bomb(folder / "package.tgz", tar_head("other", MUCH << 20)), "package/file"
    ),
    "CIFAR-10": lambda folder: decode(
        "cifar10.python_archive",
        {
            "cifar-10-python.tar.gz": gzip_bomb(
                folder / "bomb.tar.gz", tar_head("cifar-10-batches-py/data_batch_1", MUCH << 20)
            )
        },
    ),
    "idx": lambda folder: list(
        decode(
            "idx.mnist",
            {
                f"{part}-{what}-ubyte.gz": gzip_bomb(
                    folder / f"{part}{what}", idx_bytes(np.zeros((0, 28, 28)))[:4] + b"\x00\x10\x00\x00" * 3
                )
                for part in ("train",)
                for what in ("images-idx3", "labels-idx1")
            },
        ).arrays
    ),
    "digits": lambda folder: decode("digits", {"digits.csv.gz": gzip_bomb(folder / "digits.csv.gz")}),
    "npz": lambda folder: decode(
        "omniglot.npz_archives", omniglot_of(zip_bomb(folder / "bomb.npz", "images.npy"), folder)
    ),
    "checkpoint": lambda folder: decode(
        "torch_checkpoint", {"net.th": zip_bomb(folder / "net.th", "archive/data.pkl")}
    ),
    "tensor": lambda folder: decode("torch_checkpoint", {"net.th": repeated_tensor(folder / "net.th")}),
    "picture": lambda folder: list(
        decode("frost_photographs", {"frost1.png": picture_bomb(folder / "frost1.png")}).arrays
    ),
    "pickle": lambda folder: list(
        decode("cifar10.python_archive", {"cifar-10-python.tar.gz": large_pickle(folder / "c.tar.gz")}).arrays
    ),
}


@pytest.mark.filterwarnings("ignore:Image size")  # which PIL warns of before it is refused
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_without_taking_memory_or_disk(tmp_path: Path, name: str) -> None:
    import torch  # noqa: F401  # so that its own memory is counted before

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(
        SourceFailedError,
        match=r"unpacks to more|has a part of|pixels|larger than|holds no|no readable|allocate|refused",
    ):
        BOMBS[name](tmp_path)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < MUCH / 2, f"{grown:.0f} MiB"
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 4 << 20


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.mkdir, (str(self.path),)


def npy_with_code(payload: Payload) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([payload], dtype=object), allow_pickle=True)
    return stream.getvalue()


def corrupted_with_code(folder: Path, payload: Payload) -> object:
    with tarfile.open(folder / "c.tar", "w") as archive:
        add_member(archive, "CIFAR-10-C/fog.npy", npy_with_code(payload))
    return list(decode("cifar10_c", {"CIFAR-10-C.tar": folder / "c.tar"}).arrays)


def drawings_with_code(folder: Path, payload: Payload) -> object:
    with zipfile.ZipFile(folder / "code.npz", "w") as archive:
        archive.writestr("images.npy", npy_with_code(payload))
    return decode("omniglot.npz_archives", omniglot_of(folder / "code.npz", folder))


def batch_with_code(folder: Path, payload: Payload) -> object:
    with tarfile.open(folder / "c.tar.gz", "w:gz") as archive:
        add_member(archive, "cifar-10-batches-py/data_batch_1", pickle.dumps({b"data": payload}))
    return decode("cifar10.python_archive", {"cifar-10-python.tar.gz": folder / "c.tar.gz"})


def checkpoint_with_code(folder: Path, payload: Payload, zipped: bool = True) -> object:
    import torch

    torch.save({"state_dict": payload}, folder / "net.th", _use_new_zipfile_serialization=zipped)
    return decode("torch_checkpoint", {"net.th": folder / "net.th"})


def former_checkpoint_with_code(folder: Path, payload: Payload) -> object:
    return checkpoint_with_code(folder, payload, zipped=False)


@pytest.mark.parametrize(
    "read",
    [
        corrupted_with_code,
        drawings_with_code,
        batch_with_code,
        checkpoint_with_code,
        former_checkpoint_with_code,
    ],
)
def test_code_in_data_is_refused_and_not_run(tmp_path: Path, read: Callable[[Path, Payload], object]) -> None:
    payload = Payload(tmp_path / "owned")
    with pytest.raises(SourceFailedError, match=r"refused|can't be decoded"):
        read(tmp_path, payload)
    assert not (tmp_path / "owned").exists()
