"""Fashion-MNIST from its four idx files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from common.data.decoders import Decoded
from common.data.decoders.idx.format import image_arrays

# The table of labels in the README of the home page.
CLASSES: list[JsonValue] = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip


def decode(files: Mapping[str, Path]) -> Decoded:
    """Images uint8 [n, 28, 28], cloth bright, and labels int64 [n] of both parts."""
    return Decoded(image_arrays(files), {"classes": CLASSES})
