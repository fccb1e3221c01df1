"""TabularNCD's augmentation: a row is moved towards one of its nearest neighbours, as SMOTE makes new rows.

Chawla et al., "SMOTE: Synthetic Minority Over-sampling Technique" (2002): x + u (x' - x), u uniform in [0,
1], x' one of the k nearest rows of the same known class, or among those without a label. All features are
numeric, so what SMOTE-NC adds for categories isn't needed.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from experiments.novel_class_discovery.arrays import Labels, Rows


def neighbours_within(rows: Rows, labels: Labels, count: int) -> Labels:
    """Places `[n, count]` of the nearest rows of the same label, the nearest first; -1 is a label too.

    Where a label has fewer other rows, they are repeated in turn; a row alone is its own neighbour.
    """
    from sklearn.neighbors import NearestNeighbors

    found = np.empty((len(rows), count), dtype=np.int64)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        there = min(count, len(places) - 1)
        if not there:
            found[places] = places[:, None]
            continue
        nearest = NearestNeighbors(n_neighbors=there).fit(rows[places]).kneighbors(return_distance=False)
        found[places] = places[nearest[:, np.arange(count) % there]]
    return found


def augmented(
    rows: Tensor, places: Tensor, neighbours: Tensor, counts: Tensor, chance: torch.Generator
) -> Tensor:
    """Rows `[trials, batch, d]` at `places`, each moved towards a neighbour.

    `counts` `[trials]` says of how many of the nearest it may be. What is drawn is the same for all trials.
    """
    drawn, share = torch.rand((2, len(places)), generator=chance)
    picked = (drawn * counts[:, None]).long()
    towards = rows[neighbours[places].gather(1, picked.T)].transpose(0, 1)
    found: Tensor = rows[places] + share[:, None] * (towards - rows[places])
    return found
