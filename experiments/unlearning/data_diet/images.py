"""Images as JAX arrays: the same ones as the track's splits have, in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError
from experiments.unlearning.data_diet.networks import Shape
from experiments.unlearning.data_diet.settings import DietData

if TYPE_CHECKING:
    from common.training.image_set import ImageSet

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Images:
    """Standardised float32 `[n, h, w, channels]` with labels, int64 `[n]`."""

    pixels: jax.Array
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Study:
    """Training, validation and test images; `data_hash` names the training ones, in their order."""

    train: Images
    validation: Images
    test: Images
    shape: Shape
    data_hash: str


def open_study(data: DietData, root: Path) -> Study:
    """Read the prepared data; raises BadInputError as `load_splits` does, or where `pooling` doesn't fit."""
    import torch

    from experiments.unlearning.score_arrays import data_hash
    from experiments.unlearning.splits import load_splits

    splits = load_splits(data, root, torch.device("cpu"))
    train = _images(splits.train, data.pooling)
    _, height, width, channels = train.pixels.shape
    return Study(
        train=train,
        validation=_images(splits.validation, data.pooling),
        test=_images(splits.test, data.pooling),
        shape=Shape(height, width, channels, data.classes),
        data_hash=data_hash(splits.train),
    )


def _images(part: ImageSet, pooling: int) -> Images:
    pixels = part.standardise(part.images).permute(0, 2, 3, 1).numpy()
    return Images(jnp.asarray(pooled(pixels, pooling)), part.labels.numpy())


def pooled(pixels: NDArray[np.float32], pooling: int) -> NDArray[np.float32]:
    """`[n, h, w, channels]` to `[n, h / pooling, w / pooling, channels]`, the means of squares."""
    count, height, width, channels = pixels.shape
    if height % pooling or width % pooling:
        raise BadInputError(
            f"Images of {height} x {width} pixels can't be cut into squares of {pooling}; "
            f"change 'pooling' to a divisor of both, such as 1."
        )
    cut = pixels.reshape(count, height // pooling, pooling, width // pooling, pooling, channels)
    means: NDArray[np.float32] = cut.mean(axis=(2, 4))
    return means
