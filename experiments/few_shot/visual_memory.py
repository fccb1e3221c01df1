"""A visual memory: labelled features that can be added and deleted, and votes among a query's neighbours.

Geirhos, Jaini, Stone, Medapati, Yi, Toderici, Ogale, Shlens: Towards flexible perception with visual memory,
ICML 2025, arXiv 2408.08172: the neighbours of a query by the cosine of features vote for their labels, the
r-th closest (from r = 1) with the weight 1 / (α + r), α = 2. Items are forgotten by deleting their rows:
exact unlearning where the encoder has not learned from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError

RANK_OFFSET = 2.0  # α; the same for all data
# Multiples of 2^-20 multiply to multiples of 2^-40: sums of them below 2^13 are exact in float64. So no
# answer hangs on the order in which a matrix product adds, and thereby on what else is in the memory, nor on
# the order in which a GPU counts votes.
FEATURE_STEP, VOTE_STEP = 2.0**-20, 2.0**-40


@dataclass(frozen=True)
class VisualMemory:
    """Items in the order in which they came; among equally close ones the older is the closer.

    Attributes:
        features: float64 `[..., items, dimension]`, of length one, in multiples of 2^-20. Leading dimensions
            are memories of several tasks, whose items have the same labels.
        labels: int64 `[items]`.
    """

    features: Tensor
    labels: Tensor

    @classmethod
    def of(cls, features: Tensor, labels: Tensor) -> VisualMemory:
        """A memory of features `[..., items, dimension]` of any length, and their labels `[items]`.

        Raises BadInputError for features that are not finite, and for another number of labels.
        """
        if len(labels) != features.shape[-2]:
            raise BadInputError(
                f"A memory of {features.shape[-2]} item(s) was given {len(labels)} label(s); give each one."
            )
        return cls(_fixed_point(features), labels)

    def __len__(self) -> int:
        return len(self.labels)

    def with_items(self, features: Tensor, labels: Tensor) -> VisualMemory:
        """The memory with further items at its end; arguments as of `of`."""
        added = VisualMemory.of(features, labels)
        joined = torch.cat([self.features, added.features], dim=-2)
        return VisualMemory(joined, torch.cat([self.labels, added.labels]))

    def without(self, places: Tensor) -> VisualMemory:
        """The memory without the items at `places`, int64: bit for bit the one built without them.

        Raises BadInputError for a place that no item has.
        """
        if len(places) and not 0 <= int(places.min()) <= int(places.max()) < len(self):
            raise BadInputError(
                f"Items {places.tolist()} can't be deleted: the memory has those from 0 to {len(self) - 1}."
            )
        kept = torch.ones(len(self), dtype=torch.bool, device=self.labels.device)
        kept[places] = False
        return VisualMemory(self.features[..., kept, :], self.labels[kept])

    def neighbours(self, queries: Tensor, count: int | None = None) -> Tensor:
        """Places of the closest items, closest first, int64 `[..., queries, count]`; all by default."""
        if not len(self):
            raise BadInputError("An empty memory has no neighbours; add an item first.")
        cosines = _fixed_point(queries) @ self.features.mT
        return cosines.argsort(dim=-1, descending=True, stable=True)[..., :count]

    def votes(self, queries: Tensor, classes: int, count: int | None = None) -> Tensor:
        """Rank votes for each class, float64 `[..., queries, classes]`; a class without item gets none."""
        labels = self.labels[self.neighbours(queries, count)]
        ranks = torch.arange(1, labels.shape[-1] + 1, dtype=torch.float64, device=labels.device)
        weights = _rounded(1 / (RANK_OFFSET + ranks), VOTE_STEP).expand(labels.shape)
        empty = weights.new_zeros(*labels.shape[:-1], classes)
        return empty.scatter_add(-1, labels, weights)


def _fixed_point(features: Tensor) -> Tensor:
    if not torch.isfinite(features).all():
        raise BadInputError("A memory was given features that are not finite; train its encoder again.")
    return _rounded(F.normalize(features.double(), dim=-1), FEATURE_STEP)


def _rounded(values: Tensor, step: float) -> Tensor:
    """To the nearest multiple of `step`, a power of two: exact but for that."""
    return (values / step).round() * step
