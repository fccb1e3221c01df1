from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from common.data.decoders import decode
from common.data.failures import SourceFailedError
from common.data.prepare import write_prepared
from tests.data.samples import LETTERS, SmallCifar, add_member, idx_files


def decoded(decoder: str, files: dict[str, Path]) -> dict[str, np.ndarray]:
    return dict(decode(decoder, files).arrays)


def prepared_hash(decoder: str, files: dict[str, Path], root: Path) -> str:
    result = decode(decoder, files)
    return write_prepared("toy", result.arrays, root, result.facts).content_hash


def test_cifar_from_the_archive_and_from_pictures_is_the_same(
    tmp_path: Path, small_cifar: SmallCifar
) -> None:
    archive = {"cifar-10-python.tar.gz": small_cifar.write_archive(tmp_path / "cifar.tar.gz")}
    (tmp_path / "pictures").mkdir()
    pictures = small_cifar.write_pictures(tmp_path / "pictures")
    arrays = decoded("cifar10.python_archive", archive)
    np.testing.assert_array_equal(arrays["train_images"], small_cifar.images[:5].reshape(-1, 32, 32, 3))
    np.testing.assert_array_equal(arrays["test_labels"], small_cifar.labels[5])
    hashes = {
        prepared_hash("cifar10.python_archive", archive, tmp_path / "one"),
        prepared_hash("cifar10.png_batches", pictures, tmp_path / "two"),
    }
    assert len(hashes) == 1
    manifests = [tmp_path / name / "data/manifests/toy.json" for name in ("one", "two")]
    assert manifests[0].read_bytes() == manifests[1].read_bytes()


class Attack:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("payload", ["call", "globals", "object array"])
def test_a_pickle_that_could_run_code_is_refused(tmp_path: Path, payload: str) -> None:
    attack = Attack(tmp_path / "owned")
    harmful = {
        "call": pickle.dumps(attack),
        "globals": b"cbuiltins\neval\n(S'1'\ntR.",
        "object array": pickle.dumps(np.array([attack], dtype=object)),
    }[payload]
    path = tmp_path / "cifar.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, "cifar-10-batches-py/data_batch_1", harmful)
    with pytest.raises(SourceFailedError, match="data_batch_1 is refused: it asks for"):
        decode("cifar10.python_archive", {"cifar-10-python.tar.gz": path})
    assert not (tmp_path / "owned").exists()


def test_pickles_of_python_2_are_read(tmp_path: Path) -> None:
    from common.data.decoders.cifar10.safe_pickle import load_safely

    # As the official batches are: protocol 2, byte strings, the array's module under its former name.
    by_hand = (
        b"\x80\x02}(U\x04dataq\x01cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK"
        b"\x00tb\x89U\x02\x05\x07tbU\x06labels](K\x03K\x04eu."
    )
    batch = load_safely(io.BytesIO(by_hand), "batch")
    assert batch[b"labels"] == [3, 4]
    np.testing.assert_array_equal(batch[b"data"], np.array([5, 7], dtype=np.uint8))


def test_an_archive_without_a_batch_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cifar.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        add_member(archive, "cifar-10-batches-py/test_batch", pickle.dumps({}))
    with pytest.raises(SourceFailedError, match=r"has no data_batch_1, .*data_batch_5$"):
        decode("cifar10.python_archive", {"cifar-10-python.tar.gz": path})


def test_mnist_compressed_or_not_is_the_same(tmp_path: Path) -> None:
    plain, compressed = {}, {}
    for name, data in idx_files().items():
        plain[name] = tmp_path / name
        plain[name].write_bytes(data)
        compressed[f"{name}.gz"] = tmp_path / f"{name}.gz"
        compressed[f"{name}.gz"].write_bytes(gzip.compress(data))
    assert decoded("idx.mnist", plain)["train_images"].shape == (7, 28, 28)
    one = prepared_hash("idx.mnist", plain, tmp_path / "one")
    assert one == prepared_hash("idx.mnist", compressed, tmp_path / "two")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is no idx file"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00\x00\x00\x00", "is no idx file of unsigned bytes"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x03ab", r"has 2 bytes for the shape \(3,\)"),
    ],
)
def test_a_malformed_idx_file_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    from common.data.decoders.idx.format import read_idx

    (tmp_path / "file").write_bytes(data)
    with pytest.raises(SourceFailedError, match=reason):
        read_idx(tmp_path / "file")


def test_letters_are_numbered_from_a(tmp_path: Path) -> None:
    (tmp_path / "letters").write_bytes(LETTERS)
    arrays = decoded("letter_recognition", {"letter-recognition.data": tmp_path / "letters"})
    assert arrays["train_labels"].tolist() == [19, 8]
    assert arrays["train_features"][0].tolist() == [2, 8, 3, 5, 1, 8, 13, 0, 6, 6, 10, 8, 0, 8, 0, 8]
    assert len(arrays["test_labels"]) == 0


def test_pendigits_keep_the_official_parts(tmp_path: Path) -> None:
    (tmp_path / "tra").write_text(" 47,100, 27, 81, 57, 37, 26,  0,  0, 23, 56, 53,100, 90, 40, 98, 8\n" * 2)
    (tmp_path / "tes").write_text(" 88, 92,  2, 99, 16, 66, 94, 37, 70,  0,  0, 24, 42, 65,100,100, 8\n" * 3)
    arrays = decoded("pendigits", {"pendigits.tra": tmp_path / "tra", "pendigits.tes": tmp_path / "tes"})
    assert arrays["train_features"].shape == (2, 16)
    assert arrays["test_features"][2, :3].tolist() == [88, 92, 2]
    assert arrays["test_labels"].tolist() == [8, 8, 8]


def test_optdigits_of_keel_are_training_rows_and_then_test_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from common.data.decoders import optdigits

    monkeypatch.setattr(optdigits, "TRAIN_ROWS", 2)
    row = ",".join(["0", "16", *["1"] * 62])
    (tmp_path / "dat").write_text(f"@relation optdigits\n@data\n{row},3\n{row},5\n{row},7\n")
    arrays = decoded("optdigits", {"optdigits.dat": tmp_path / "dat"})
    assert arrays["train_labels"].tolist() == [3, 5]
    assert arrays["test_labels"].tolist() == [7]
    assert arrays["test_features"].shape == (1, 64)
    assert arrays["train_features"][0, :3].tolist() == [0, 16, 1]


CHARACTERS = [("Tifinagh", "character02"), ("Greek", "character01"), ("Greek", "character02")]


def omniglot_files(folder: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """The same few drawings as numpy archives with shuffled rows, and as the official zips of pictures."""
    from PIL import Image

    generator = np.random.default_rng(0)
    npz, png = {"characters.tsv": folder / "characters.tsv"}, {}
    lines = ["split\trow\talphabet\tcharacter"]
    for split in ("background", "evaluation"):
        ink = generator.random((len(CHARACTERS), 20, 105, 105)) < 0.1
        npz[f"images_{split}.npz"] = folder / f"images_{split}.npz"
        np.savez(npz[f"images_{split}.npz"], images=~ink)
        png[f"images_{split}.zip"] = folder / f"images_{split}.zip"
        with zipfile.ZipFile(png[f"images_{split}.zip"], "w") as archive:
            for row, (alphabet, character) in enumerate(CHARACTERS):
                lines.append(f"{split}\t{row}\t{alphabet}\t{character}")
                for drawing in range(20):
                    stream = io.BytesIO()
                    Image.fromarray(~ink[row, drawing]).save(stream, "PNG")
                    name = f"images_{split}/{alphabet}/{character}/{row:04}_{drawing + 1:02}.png"
                    archive.writestr(name, stream.getvalue())
    npz["characters.tsv"].write_text("\n".join(lines))
    return npz, png


def test_omniglot_from_arrays_and_from_pictures_is_the_same(tmp_path: Path) -> None:
    npz, png = omniglot_files(tmp_path)
    arrays = decoded("omniglot.npz_archives", npz)
    assert arrays["background_alphabets"].tolist() == [0, 0, 1]
    assert 0.05 < arrays["background_images"].mean() < 0.15  # ink is True
    one = prepared_hash("omniglot.npz_archives", npz, tmp_path / "one")
    assert one == prepared_hash("omniglot.png_archives", png, tmp_path / "two")


@pytest.mark.parametrize("size", [(250, 190), (527, 350), (485, 323)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_frost_is_reduced_as_opencv_reduces_it(tmp_path: Path, size: tuple[int, int], mode: str) -> None:
    from PIL import Image

    from common.data.decoders.frost_photographs import reduced

    cv2 = pytest.importorskip("cv2")
    channels = len(mode)
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], channels), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "frost.png")
    official = cv2.resize(cv2.imread(str(tmp_path / "frost.png")), (0, 0), fx=0.2, fy=0.2)
    np.testing.assert_array_equal(reduced(tmp_path / "frost.png"), official[..., [2, 1, 0]])


def cifar10_c_archive(path: Path, labels: np.ndarray, release: str = "CIFAR-10-C") -> dict[str, Path]:
    images = np.random.default_rng(0).integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
    with tarfile.open(path, "w") as archive:
        for name, array in {"fog": images, "labels": labels}.items():
            stream = io.BytesIO()
            np.save(stream, array)
            add_member(archive, f"{release}/{name}.npy", stream.getvalue())
        add_member(archive, f"{release}/README.txt", release.encode())
    return {f"{release}.tar": path}


def test_cifar10_c_is_cut_by_severity(tmp_path: Path) -> None:
    labels = np.tile(np.array([4, 9], dtype=np.uint8), 5)
    arrays = decoded("cifar10_c", cifar10_c_archive(tmp_path / "c.tar", labels))
    assert sorted(arrays) == [*(f"fog_{severity}" for severity in range(1, 6)), "labels"]
    assert arrays["fog_3"].shape == (2, 32, 32, 3)
    assert arrays["labels"].tolist() == [4, 9]


def test_cifar100_c_is_cut_by_severity_too(tmp_path: Path) -> None:
    labels = np.tile(np.array([4, 99], dtype=np.uint8), 5)
    arrays = decoded("cifar100_c", cifar10_c_archive(tmp_path / "c.tar", labels, "CIFAR-100-C"))
    assert sorted(arrays) == [*(f"fog_{severity}" for severity in range(1, 6)), "labels"]
    assert arrays["labels"].tolist() == [4, 99]


def test_cifar10_c_with_labels_that_do_not_repeat_is_refused(tmp_path: Path) -> None:
    files = cifar10_c_archive(tmp_path / "c.tar", np.arange(10, dtype=np.uint8))
    with pytest.raises(SourceFailedError, match="does not repeat the labels"):
        decoded("cifar10_c", files)


def test_checkpoints_keep_names_and_order_of_their_tensors(tmp_path: Path) -> None:
    import torch

    state = {"module.z.weight": torch.ones(2, 3), "module.a.count": torch.tensor(4)}
    torch.save({"state_dict": state, "best_prec1": 91.0}, tmp_path / "net.th")
    result = decode("torch_checkpoint", {"net.th": tmp_path / "net.th"})
    assert result.facts == {"tensors": ["z.weight", "a.count"]}
    write_prepared("net", result.arrays, tmp_path, result.facts)


def test_checkpoints_with_code_are_refused(tmp_path: Path) -> None:
    import torch

    torch.save({"state_dict": {}, "extra": Attack(tmp_path / "owned")}, tmp_path / "net.th")
    with pytest.raises(SourceFailedError, match=r"net\.th is refused: it holds code"):
        decode("torch_checkpoint", {"net.th": tmp_path / "net.th"})
    assert not (tmp_path / "owned").exists()
