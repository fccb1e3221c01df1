"""What CIFAR-10 is, whichever format it comes in: batches, classes and the canonical arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from common.data.canonical import Array
from common.data.decoders import Decoded
from common.data.failures import SourceFailedError

# data_batch_1 … data_batch_5 in this order make the training set.
TRAIN_BATCHES = [f"data_batch_{number}" for number in range(1, 6)]
TEST_BATCHES = ["test_batch"]
CLASSES: list[JsonValue] = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]  # fmt: skip

Batch = tuple[NDArray[np.uint8], NDArray[np.int64]]  # images [n, 32, 32, 3] in RGB, labels [n]


def decoded(read_batch: Callable[[str], Batch]) -> Decoded:
    """Images uint8 [n, 32, 32, 3] and labels int64 [n] of both parts, in the official order."""
    return Decoded(_arrays(read_batch), {"classes": CLASSES})


def _arrays(read_batch: Callable[[str], Batch]) -> Iterator[tuple[str, Array]]:
    for part, names in (("train", TRAIN_BATCHES), ("test", TEST_BATCHES)):
        images, labels = _joined([read_batch(name) for name in names])
        yield f"{part}_images", images
        yield f"{part}_labels", labels


def _joined(batches: Sequence[Batch]) -> Batch:
    images = np.concatenate([batch[0] for batch in batches])
    labels = np.concatenate([batch[1] for batch in batches])
    if len(images) != len(labels) or not np.isin(labels, range(len(CLASSES))).all():
        raise SourceFailedError(f"{len(images)} images do not go with {len(labels)} labels from 0 to 9")
    return images, labels
