"""One flipped bit anywhere: the file is named and refused, or what it says is the same."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from common.atomic import write_text
from common.data.arrays import load
from common.data.manifests import manifest_path, read_manifest
from common.data.obtain import obtain
from common.data.prepare import write_prepared
from common.data.seals import check_unchanged, seal
from common.data.sources import DatasetEntry
from common.records.collected import collect, read_collected
from common.records.store import curves_path, write_record
from common.strict import BadInputError, read_json
from tests.claims.builders import TEMPLATE
from tests.data.conftest import small_cifar  # noqa: F401
from tests.data.samples import LETTERS, SmallCifar, idx_files, letters_entry, sha256
from tests.data.test_decoders import cifar10_c_archive, omniglot_files

FLIPS = 60  # a format and run; a seed of its own for each makes them the same in every run


def flips(path: Path, seed: str, count: int = FLIPS) -> Iterator[int]:
    """Flip a bit of a file, yield which, and put it back; those of the head and the tail come more often."""
    whole = path.read_bytes()
    draw = random.Random(seed)
    ends = [*range(min(64, len(whole))), *range(max(0, len(whole) - 64), len(whole))]
    for _ in range(count):
        position = draw.choice(ends) if draw.random() < 0.5 else draw.randrange(len(whole))
        bit = draw.randrange(8)
        changed = bytearray(whole)
        changed[position] ^= 1 << bit
        path.write_bytes(changed)
        yield 8 * position + bit
    path.write_bytes(whole)


def checkpoint(folder: Path, _: SmallCifar, zipped: bool = True) -> dict[str, Path]:
    import torch

    state = {"module.a": torch.arange(12.0).reshape(3, 4), "module.b": torch.tensor(4)}
    torch.save({"state_dict": state}, folder / "net.th", _use_new_zipfile_serialization=zipped)
    return {"net.th": folder / "net.th"}


def former_checkpoint(folder: Path, small: SmallCifar) -> dict[str, Path]:
    return checkpoint(folder, small, zipped=False)


def cifar_archive(folder: Path, small: SmallCifar) -> dict[str, Path]:
    return {"cifar-10-python.tar.gz": small.write_archive(folder / "cifar-10-python.tar.gz")}


def cifar_pictures(folder: Path, small: SmallCifar) -> dict[str, Path]:
    return small.write_pictures(folder)


def idx(folder: Path, _: SmallCifar) -> dict[str, Path]:
    found = {}
    for name, data in idx_files().items():
        found[f"{name}.gz"] = folder / f"{name}.gz"
        found[f"{name}.gz"].write_bytes(gzip.compress(data, mtime=0))
    return found


def plain_idx(folder: Path, _: SmallCifar) -> dict[str, Path]:
    found = {name: folder / name for name in idx_files()}
    for name, data in idx_files().items():
        found[name].write_bytes(data)
    return found


def letters(folder: Path, _: SmallCifar) -> dict[str, Path]:
    (folder / "letter-recognition.data").write_bytes(LETTERS)
    return {"letter-recognition.data": folder / "letter-recognition.data"}


def digits(folder: Path, _: SmallCifar) -> dict[str, Path]:
    row = ",".join(["3"] * 64 + ["7"])
    (folder / "digits.csv.gz").write_bytes(gzip.compress(f"{row}\n{row}\n".encode(), mtime=0))
    return {"digits.csv.gz": folder / "digits.csv.gz"}


def cifar10_c(folder: Path, _: SmallCifar) -> dict[str, Path]:
    return cifar10_c_archive(folder / "CIFAR-10-C.tar", np.tile(np.array([4, 9], dtype=np.uint8), 5))


def omniglot_arrays(folder: Path, _: SmallCifar) -> dict[str, Path]:
    return omniglot_files(folder)[0]


def omniglot_pictures(folder: Path, _: SmallCifar) -> dict[str, Path]:
    return omniglot_files(folder)[1]


FORMATS: dict[str, tuple[str, Callable[[Path, SmallCifar], dict[str, Path]]]] = {
    "checkpoint": ("torch_checkpoint", checkpoint),
    "former checkpoint": ("torch_checkpoint", former_checkpoint),
    "pickles in tar.gz": ("cifar10.python_archive", cifar_archive),
    "pictures": ("cifar10.png_batches", cifar_pictures),
    "idx.gz": ("idx.mnist", idx),
    "idx": ("idx.mnist", plain_idx),
    "table of letters": ("letter_recognition", letters),
    "table.gz": ("digits", digits),
    "arrays in tar": ("cifar10_c", cifar10_c),
    "npz": ("omniglot.npz_archives", omniglot_arrays),
    "pictures in zip": ("omniglot.png_archives", omniglot_pictures),
}


def entry(decoder: str, files: dict[str, Path]) -> DatasetEntry:
    """A data set whose checksums are those that the files have now, so that only decoding can refuse them."""
    sums = {name: {"sha256": sha256(path.read_bytes())} for name, path in files.items()}
    source = {"kind": "mirror", "folder": "formats"}
    described = letters_entry(LETTERS, [source]).model_dump()
    return DatasetEntry.model_validate({**described, "decoder": decoder, "files": sums, "sources": [source]})


@pytest.mark.filterwarnings("ignore")  # libraries warn of what they then refuse
@pytest.mark.parametrize("name", FORMATS)
def test_a_flipped_bit_is_refused_or_changes_nothing(
    name: str,
    tmp_path: Path,
    small_cifar: SmallCifar,  # noqa: F811
) -> None:
    decoder, make = FORMATS[name]
    folder = tmp_path / "mirror" / "formats"
    folder.mkdir(parents=True)
    files = make(folder, small_cifar)
    pinned = obtain("toy", {"toy": entry(decoder, files)}, tmp_path, lambda line: None)
    outcomes = set()
    smallest = min(files.values(), key=lambda path: path.stat().st_size)
    for path in {smallest, max(files.values(), key=lambda path: path.stat().st_size)}:
        for _ in flips(path, name):
            try:
                found = obtain("toy", {"toy": entry(decoder, files)}, tmp_path, lambda line: None)
            except BadInputError as error:
                outcomes.add(str(error).split(": ")[0])
            else:
                outcomes.add("the same" if found == pinned else "silently another")
    assert outcomes - {"the same"} == {"No source could serve 'toy':\n  - mirror folder formats"}
    assert read_manifest("toy", tmp_path) == pinned


def test_a_prepared_array_with_a_flipped_bit_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    """In its header or in its values, by the check that every job begins with."""
    pinned = write_prepared("toy", [("a", np.arange(40, dtype=np.int16))], tmp_path, {})
    seal("toy", tmp_path)
    array = tmp_path / "data/prepared/toy/a.npy"
    refused = 0
    for _ in flips(array, "prepared", 300):
        try:
            check_unchanged("toy", tmp_path)
        except BadInputError as error:
            assert re.search(r"a\.npy (is not what|can't be read)", str(error))  # noqa: PT017
            refused += 1
        else:  # among the blanks that numpy's header ends with
            assert load("toy", tmp_path)["a"].tolist() == list(range(40))
    assert refused > 200
    check_unchanged("toy", tmp_path)
    assert read_manifest("toy", tmp_path) == pinned


def test_a_manifest_with_a_flipped_bit_is_refused_or_says_the_same_content(tmp_path: Path) -> None:
    pinned = write_prepared("toy", [("a", np.arange(4))], tmp_path, {})
    for _ in flips(manifest_path("toy", tmp_path), "manifest", 300):
        try:
            content = read_manifest("toy", tmp_path).content_hash
            load("toy", tmp_path)
        except BadInputError:
            continue
        assert content == pinned.content_hash


@pytest.mark.parametrize("beside", [False, True])
def test_a_record_with_a_flipped_bit_never_ends_in_a_traceback(tmp_path: Path, beside: bool) -> None:
    """That other values are refused is up to the receipt, which knows the hash of the file."""
    record = tmp_path / "records" / "all.json"
    write_record(record, TEMPLATE, {"loss": [0.5, 0.25]})
    for _ in flips(curves_path(record) if beside else record, "record", 150):
        with suppress(BadInputError):
            [line] = collect([record], tmp_path / "records.jsonl")
            assert not beside or line.curves == {"loss": [0.5, 0.25]}


def test_collected_records_with_a_flipped_bit_never_end_in_a_traceback(tmp_path: Path) -> None:
    collected = tmp_path / "records.jsonl"
    write_record(tmp_path / "all.json", TEMPLATE, {"loss": [0.5]})
    collect([tmp_path / "all.json"], collected)
    refused = 0
    for _ in flips(collected, "collected", 150):
        try:
            read_collected(collected)
        except BadInputError:
            refused += 1
    assert refused > 50


def test_a_receipt_with_a_flipped_bit_never_ends_in_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    write_text(path, '{"size": 3, "name": "größer"}')
    said, read = [], 0
    for _ in flips(path, "receipt", 150):
        try:
            read_json(path, "Type: make it again")
            read += 1
        except BadInputError as error:
            said.append(str(error))
    assert said
    assert read
    assert all("Type: make it again" in sentence for sentence in said)
