"""How far apart classes lie in an embedding: the score that the ICNN loss raises, and others."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from common.strict import BadInputError
from experiments.few_shot.susana_distancia.embedded_tasks import Points
from experiments.few_shot.susana_distancia.icnn import modified_score
from experiments.few_shot.susana_distancia.icnn_original import original_score


def separability(features: Tensor, labels: Tensor) -> dict[str, float]:
    """Measures of the classes of `features`, `[n, dimension]`, by their labels, int64 `[n]`.

    Returns:
        icnn_score: the modified one in 0..1, each point among all others; higher is better separated.
        icnn_original: that before it was modified, likewise.
        silhouette: Rousseeuw 1987, in -1..1, higher is better.
        davies_bouldin: Davies and Bouldin 1979, lower is better.
        spread_ratio: the mean distance of a point to its class mean, over that between two class means.
        mean_length: of a feature, the scale that a margin is measured on.

    Raises BadInputError for fewer than two classes, and where a feature is not finite.
    """
    from sklearn.metrics import davies_bouldin_score, silhouette_score

    classes, names = torch.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise BadInputError("One class alone can't be separated; judge two or more.")
    points = Points(features[None], names)
    per_class = int(torch.bincount(names).max())
    scores = {
        "icnn_score": float(modified_score(points, points, "itself", retrieved=per_class).total),
        "icnn_original": float(original_score(points, points, "itself")),
    }
    places, groups = features.double().numpy(), names.numpy()
    return scores | {
        "silhouette": float(silhouette_score(places, groups)),
        "davies_bouldin": float(davies_bouldin_score(places, groups)),
        "spread_ratio": spread_ratio(features.double(), names),
        "mean_length": float(np.linalg.norm(places, axis=1).mean()),
    }


def spread_ratio(features: Tensor, labels: Tensor) -> float:
    """Mean distance to the own class mean, over the mean distance between class means; labels from 0."""
    membership = torch.nn.functional.one_hot(labels).to(features.dtype)
    means = (membership / membership.sum(0)).T @ features
    inside = (features - means[labels]).norm(dim=1).mean()
    return float(inside / torch.nn.functional.pdist(means).mean())
