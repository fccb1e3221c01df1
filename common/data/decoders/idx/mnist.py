"""MNIST from its four idx files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from common.data.decoders import Decoded
from common.data.decoders.idx.format import image_arrays


def decode(files: Mapping[str, Path]) -> Decoded:
    """Images uint8 [n, 28, 28], ink bright, and labels int64 [n] of both parts."""
    return Decoded(image_arrays(files), {"classes": [str(digit) for digit in range(10)]})
