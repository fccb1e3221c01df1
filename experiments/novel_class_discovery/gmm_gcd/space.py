"""The points of one E-step: features of labelled and unlabelled images in few dimensions, and their prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels, Rows, check_rows
from experiments.novel_class_discovery.constrained_k_means import Labelled
from experiments.novel_class_discovery.gmm_gcd.inverse_wishart import Floats, Prior, check_varied, prior_of
from experiments.novel_class_discovery.gmm_gcd.monomials import Sums, Table, cluster_sums, monomials


@dataclass(frozen=True)
class Space:
    """Points `[n, d]`, the labelled ones first, with labels from 0; known classes are the first clusters.

    Attributes:
        table: the monomials of the points.
        known: how many classes the labels are of.
    """

    points: Floats
    labels: Labels
    known: int
    table: Table
    prior: Prior

    @classmethod
    def of(cls, points: Rows, labels: Labels, relative_scale: float) -> Space:
        """With the paper's prior; raises BadInputError for points that aren't finite, or all the same."""
        rows: Floats = np.asarray(points, dtype=np.float64)
        prior = prior_of(rows, relative_scale)
        known = int(labels.max()) + 1 if len(labels) else 0
        return cls(rows, labels, known, monomials(rows), prior)

    @property
    def labelled(self) -> Labelled:
        """The labelled points."""
        return Labelled(self.points[: len(self.labels)], self.labels)

    @property
    def unlabelled(self) -> Floats:
        """The others."""
        return self.points[len(self.labels) :]

    def sums(self, clusters: Labels, number: int) -> Sums:
        """Of the points of each cluster."""
        return cluster_sums(self.table, clusters, number, self.points.shape[1])


def principal_components(features: Rows, dimension: int) -> Floats:
    """The coordinates `[n, dimension]` along the directions of most variance; centred.

    As they are, not divided by their deviation. Directions without variance are left out, so that there may
    be fewer. Raises BadInputError for features that aren't finite or all the same, and for a dimension above
    theirs.
    """
    check_rows(features, "features")
    if not 1 <= dimension <= features.shape[1]:
        raise BadInputError(
            f"Features of {features.shape[1]} dimensions can't be brought to {dimension}; set 'dimension' to "
            f"one of 1 to {features.shape[1]}."
        )
    centred = np.asarray(features, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    largest = np.arange(len(variances))[::-1][:dimension]
    there = largest[variances[largest] > 1e-12 * max(variances[-1], np.finfo(np.float64).tiny)]
    check_varied(features)
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(len(axes))])  # a direction of its own choice
    components: Floats = centred @ (axes * signs)[:, there]
    return components
