"""Letter Recognition of the UCI repository: the capital letter, then sixteen whole numbers from 0 to 15."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import ascii_uppercase

import numpy as np

from common.data.canonical import Array
from common.data.decoders import Decoded

TRAIN_ROWS = 16000  # "We typically train on the first 16000 items" (letter-recognition.names)


def decode(files: Mapping[str, Path]) -> Decoded:
    """Features uint8 [n, 16] and labels int64 [n] (A is 0) of both parts, in the order of the file."""
    lines = files["letter-recognition.data"].read_text().splitlines()
    rows = [line.split(",") for line in lines if line.strip()]
    labels = np.array([ascii_uppercase.index(row[0]) for row in rows], dtype=np.int64)
    features = np.array([row[1:] for row in rows], dtype=np.uint8)
    arrays: dict[str, Array] = {
        "train_features": features[:TRAIN_ROWS],
        "train_labels": labels[:TRAIN_ROWS],
        "test_features": features[TRAIN_ROWS:],
        "test_labels": labels[TRAIN_ROWS:],
    }
    return Decoded(arrays.items(), {"classes": list(ascii_uppercase)})
