"""Latents of test rows at several steps of PBN's training, on two coordinates."""

from __future__ import annotations

import numpy as np
from torch import nn

from common.strict import BadInputError
from common.training.seeding import stream_seed
from experiments.novel_class_discovery.arrays import Labels, Rows
from experiments.novel_class_discovery.centroid_seeding import squared_distances
from experiments.novel_class_discovery.tabular_ncd.data_sets import TabularSet
from experiments.novel_class_discovery.tabular_ncd.encoders import encoded, unit_length
from experiments.novel_class_discovery.tabular_ncd.latent_maps import Settings
from experiments.novel_class_discovery.tabular_ncd.projection import train_projection


def watched_latents(data: TabularSet, shown: Labels, settings: Settings, seed: int) -> dict[int, Rows]:
    """Number of steps -> latents `[n, latent]` of the test rows `shown`, of unit length, after so many steps.

    Raises BadInputError where the training ends before the last of them.
    """
    found: dict[int, Rows] = {}
    rows = data.test[shown]

    def look(step: int, network: nn.Module) -> None:
        if step in settings.at_steps:
            found[step] = unit_length(encoded(network, rows))[0].numpy()

    train_projection(
        data.task(), [settings.hyperparameters], True, settings.method.training, seed, observe=look
    )
    missing = sorted(set(settings.at_steps) - set(found))
    if missing:
        raise BadInputError(
            f"The training ends before step {missing[0]}; lower 'at_steps', or raise 'epochs'."
        )
    return found


def pictures(
    data: TabularSet, settings: Settings, seed: int
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Curves: x and y of each row at each step, its class, whether that is novel; and neighbours' purity."""
    generator = np.random.default_rng(stream_seed(seed, "shown"))
    shown = np.sort(generator.permutation(len(data.test))[: settings.shown])
    classes = data.test_labels[shown]
    latents = watched_latents(data, shown, settings, seed)
    axes = principal_axes(latents[max(latents)])
    curves: dict[str, list[float]] = {
        "class": [float(label) for label in classes],
        "novel": [float(label) for label in np.isin(classes, data.novel)],
    }
    metrics = {}
    for step, points in latents.items():
        x, y = (points @ axes).T.astype(float).tolist()
        curves |= {f"x_{step}": x, f"y_{step}": y}
        metrics[f"same_neighbour_{step}"] = same_class_neighbours(points, classes)
    return curves, metrics


def principal_axes(points: Rows) -> Rows:
    """The two directions `[latent, 2]` in which points vary most, the largest entry of each positive."""
    _, _, directions = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    axes = directions[:2].T
    found: Rows = axes * np.sign(axes[np.argmax(np.abs(axes), axis=0), [0, 1]])
    return found


def same_class_neighbours(points: Rows, classes: Labels) -> float:
    """Percent of points whose nearest other point is of the same class."""
    distances = squared_distances(points.astype(np.float64), points.astype(np.float64))
    np.fill_diagonal(distances, np.inf)
    return 100 * float((classes[distances.argmin(axis=1)] == classes).mean())
