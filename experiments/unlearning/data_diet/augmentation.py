"""Random crops and flips within a compiled program."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def augmented(images: jax.Array, corner: jax.Array, mirrored: jax.Array, margin: int) -> jax.Array:
    """`[batch, h, w, channels]`, cropped at `corner` `[2]` of the padded images, and mirrored where asked.

    As the paper's code (`data.py`) has it: padded by reflection, and one crop for the whole batch.
    """
    _, height, width, channels = images.shape
    padded = jnp.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="reflect")
    size = (len(images), height, width, channels)
    crops = jax.lax.dynamic_slice(padded, (0, corner[0], corner[1], 0), size)
    return jnp.where(mirrored[:, None, None, None], crops[:, :, ::-1], crops)
