"""What every loss of this paper is handed: embedded supports and queries of several tasks of one shape."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from common.strict import BadInputError
from experiments.few_shot.baselines.nearest_class_mean import class_means


class Points(NamedTuple):
    """Labelled points of several tasks; the labels are the same for every task.

    Attributes:
        places: float `[tasks, n, dimension]`.
        labels: int64 `[n]`.
    """

    places: Tensor
    labels: Tensor


class EmbeddedTasks(NamedTuple):
    """Supports and queries of several tasks, with labels in 0..ways-1."""

    support: Points
    queries: Points

    @property
    def ways(self) -> int:
        """Classes of a task; raises BadInputError for an empty support set and for a single class."""
        if not len(self.support.labels):
            raise BadInputError("The support set is empty; raise 'shots' to at least one.")
        ways = int(self.support.labels.max()) + 1
        if ways < 2:
            raise BadInputError(
                "A task of one class has nothing to be told apart; raise 'ways' to two or more."
            )
        return ways

    @property
    def per_class(self) -> int:
        """Supports and queries of a class."""
        return (len(self.support.labels) + len(self.queries.labels)) // self.ways

    @property
    def together(self) -> Points:
        """Supports, then queries."""
        places = torch.cat([self.support.places, self.queries.places], dim=1)
        return Points(places, torch.cat([self.support.labels, self.queries.labels]))

    @property
    def prototypes(self) -> Points:
        """The mean of each class's supports, `[tasks, ways, dimension]`."""
        names = torch.arange(self.ways, device=self.support.labels.device)
        return Points(class_means(self.support.places, self.support.labels), names)
