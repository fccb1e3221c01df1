"""What figures show of a training: images in the latent space at some epochs, clusters against classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.gmm_gcd.space import principal_components
from experiments.novel_class_discovery.matching import match


def latent_coordinates(latents: Mapping[int, Tensor], classes: Labels) -> dict[str, list[float]]:
    """x and y of the drawn images on each moment's two principal components, and their true classes."""
    curves = {"class": [float(label) for label in classes]}
    for epoch, features in latents.items():
        x, y = principal_components(features.double().numpy(), 2).T.tolist()
        curves |= {f"x_{epoch}": x, f"y_{epoch}": y}
    return curves


def confusion(clusters: Labels, truth: Labels, classes: int) -> dict[str, list[float]]:
    """Percent of each class `[classes]` in the cluster matched with each class, and last in unmatched ones.

    By rows, one after another, `[classes * (classes + 1)]`.
    """
    matched = match(clusters, truth).translated(clusters)
    matched = np.where(matched < 0, classes, matched)
    counts = np.bincount(truth * (classes + 1) + matched, minlength=classes * (classes + 1))
    rows = counts.reshape(classes, classes + 1)
    shares = 100 * rows / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    return {"confusion": [float(value) for value in shares.ravel()]}
