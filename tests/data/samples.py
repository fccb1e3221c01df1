"""Small data sets in every format that the sources serve."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from common.data.sources import DatasetEntry


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def idx_bytes(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


def idx_files(seed: int = 0, rows: int = 7) -> dict[str, bytes]:
    """The four files of a small MNIST, not compressed."""
    generator = np.random.default_rng(seed)
    files = {}
    for part in ("train", "t10k"):
        images = generator.integers(0, 256, (rows, 28, 28))
        files[f"{part}-images-idx3-ubyte"] = idx_bytes(images)
        files[f"{part}-labels-idx1-ubyte"] = idx_bytes(generator.integers(0, 10, rows))
    return files


@dataclass(frozen=True)
class SmallCifar:
    """A CIFAR-10 of a few images per batch, as canonical arrays and in both formats."""

    images: np.ndarray  # [6 batches, n, 32, 32, 3]
    labels: np.ndarray  # [6, n]

    NAMES: ClassVar = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]

    def write_archive(self, path: Path) -> Path:
        """The tar of pickled batches, in an order of its own, with Python 2's byte strings as keys."""
        with tarfile.open(path, "w:gz") as archive:
            for position in (3, 5, 2, 1, 4, 0):
                planes = self.images[position].transpose(0, 3, 1, 2).reshape(-1, 3072)
                batch = {b"data": np.ascontiguousarray(planes), b"labels": self.labels[position].tolist()}
                add_member(archive, f"cifar-10-batches-py/{self.NAMES[position]}", pickle.dumps(batch, 4))
        return path

    def write_pictures(self, folder: Path) -> dict[str, Path]:
        from PIL import Image

        for name, images in zip(self.NAMES, self.images, strict=True):
            Image.fromarray(images.reshape(-1, 1024, 3)).save(folder / f"{name}.png")
        (folder / "train_lables.json").write_text(json.dumps(self.labels[:5].reshape(-1).tolist()))
        (folder / "test_lables.json").write_text(json.dumps(self.labels[5].tolist()))
        return {path.name: path for path in folder.iterdir()}


def add_member(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def letters_entry(data: bytes, sources: list[dict[str, Any]]) -> DatasetEntry:
    """An entry for a small Letter Recognition with the given sources."""
    return DatasetEntry.model_validate(
        {
            "title": "Small letters",
            "licence": "CC0",
            "citation": "nobody",
            "home": "http://127.0.0.1/",
            "decoder": "letter_recognition",
            "files": {"letter-recognition.data": {"sha256": sha256(data)}},
            "sources": sources,
        }
    )


LETTERS = b"T,2,8,3,5,1,8,13,0,6,6,10,8,0,8,0,8\nI,5,12,3,7,2,10,5,5,4,13,3,9,2,8,4,10\n"
