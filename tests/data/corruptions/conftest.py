"""Images that hold edges, gradients, flat areas, noise and extreme values; synthetic frost photographs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def made_images(count: int, height: int, width: int) -> Bytes:
    generator = np.random.default_rng(7)
    rows, columns = np.mgrid[:height, :width]
    waves = [np.sin(rows / (2 + i % 5) + i) * np.cos(columns / (3 + i % 4)) for i in range(3 * count)]
    smooth = np.stack(waves).reshape(count, 3, height, width).transpose(0, 2, 3, 1)
    images = np.clip(128 + 140 * smooth + generator.normal(0, 12, smooth.shape), 0, 255).astype(np.uint8)
    images[:, 4:9, 4:9] = 255
    images[:, 12:15, 20:26] = 0
    images[::2, 18:22, 3:10] = 200
    return images


@pytest.fixture(scope="session")
def images() -> Bytes:
    return made_images(8, 32, 32)


@pytest.fixture(scope="session")
def wide_images() -> Bytes:
    return made_images(3, 28, 40)


@pytest.fixture(scope="session")
def photographs() -> list[Bytes]:
    """Six photographs whose pixels say where they are: (row, column, number of the photograph)."""
    made = []
    for number in range(6):
        height, width = 60 + 7 * number, 100 - 9 * number
        rows, columns = np.mgrid[:height, :width]
        made.append(np.stack([rows, columns, np.full_like(rows, number)], axis=-1).astype(np.uint8))
    return made
