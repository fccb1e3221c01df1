"""Clustering accuracy on all, known and novel classes, and agreement that needs no matching.

Vaze et al., "Generalized Category Discovery" (CVPR 2022), section 4: one matching over all scored rows; known
and novel are means over rows of these classes under that same matching. Matched separately, each part gets
the matching that suits it best: never less, and another metric, with names of its own.
"""

from __future__ import annotations

import numpy as np

from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.matching import match


def clustering_accuracy(clusters: Labels, truth: Labels, known: Labels | None = None) -> dict[str, float]:
    """Percent of rows whose cluster is matched with their class, by one matching over all rows.

    `accuracy` over all rows, `balanced_accuracy` as the mean over classes, and where classes of both kinds
    occur `known_accuracy` and `novel_accuracy`. Raises BadInputError for arrays that don't fit.
    """
    known = np.array([], dtype=np.int64) if known is None else known
    matching = match(clusters, truth, favoured=known)
    right = matching.translated(clusters) == truth
    by_class = [right[truth == label].mean() for label in matching.classes]
    found = {"accuracy": 100 * float(right.mean()), "balanced_accuracy": 100 * float(np.mean(by_class))}
    is_known = np.isin(truth, known)
    if is_known.any() and not is_known.all():
        found["known_accuracy"] = 100 * float(right[is_known].mean())
        found["novel_accuracy"] = 100 * float(right[~is_known].mean())
    return found


def separately_matched_accuracy(clusters: Labels, truth: Labels, known: Labels) -> dict[str, float]:
    """The variant with one matching for rows of known and another for rows of novel classes, in percent.

    A cluster may stand for a known and for a novel class at once, so numbers are inflated; kept apart by
    name.
    """
    is_known = np.isin(truth, known)
    found = {}
    for name, part in (("known", is_known), ("novel", ~is_known)):
        if part.any():
            right = match(clusters[part], truth[part]).translated(clusters[part]) == truth[part]
            found[f"separately_matched_{name}_accuracy"] = 100 * float(right.mean())
    return found


def agreement(clusters: Labels, truth: Labels) -> dict[str, float]:
    """Normalised mutual information (arithmetic mean) and adjusted Rand index in percent, by scikit-learn."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    return {
        "normalised_mutual_information": 100 * float(normalized_mutual_info_score(truth, clusters)),
        "adjusted_rand_index": 100 * float(adjusted_rand_score(truth, clusters)),
    }


def class_count_error(estimated: int, true: int) -> dict[str, float]:
    """How far an estimate of the number of novel classes is off, and by how many classes it is too high."""
    return {
        "estimated_classes": float(estimated),
        "class_count_error": float(abs(estimated - true)),
        "class_count_excess": float(estimated - true),
    }
