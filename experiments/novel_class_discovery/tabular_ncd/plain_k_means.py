"""k-means as scikit-learn has it."""

from __future__ import annotations

import numpy as np

from common.training.seeding import stream_seed
from experiments.novel_class_discovery.arrays import Labels, Rows, check_cluster_count


def plain_k_means(rows: Rows, clusters: int, seed: int, initialisations: int = 10) -> Labels:
    """k-means++ of scikit-learn, the best of so many initialisations; raises BadInputError as it must."""
    from sklearn.cluster import KMeans

    check_cluster_count(clusters, rows, "rows")
    fitted = KMeans(clusters, n_init=initialisations, random_state=stream_seed(seed, "k-means") % 2**31)
    found: Labels = fitted.fit_predict(np.asarray(rows, dtype=np.float64)).astype(np.int64)
    return found
