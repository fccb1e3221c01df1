"""What a selection chooses among: single training images, or whole classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from common.strict import BadInputError


@dataclass(frozen=True)
class Units:
    """`of_image`, int64 `[n]` on the CPU, is the unit of each image; units count from 0."""

    of_image: Tensor
    count: int
    named: Literal["images", "classes"]

    @classmethod
    def images(cls, count: int) -> Units:
        """Each image is a unit of its own."""
        return cls(torch.arange(count), count, "images")

    @classmethod
    def classes(cls, labels: Tensor, classes: int) -> Units:
        """The images of a class are one unit. Raises BadInputError where a class has none."""
        labels = labels.cpu()
        missing = (torch.bincount(labels, minlength=classes) == 0).nonzero().flatten().tolist()
        if missing:
            raise BadInputError(
                f"There is no training image of class {', '.join(map(str, missing))}. "
                f"Raise 'images', or lower 'classes'."
            )
        return cls(labels, classes, "classes")

    def mean(self, values: Tensor) -> Tensor:
        """Float64 `[count]`: the mean over each unit's images of values `[n]`."""
        values = values.detach().cpu().double()
        sums = torch.zeros(self.count, dtype=torch.float64).index_add_(0, self.of_image, values)
        return sums / torch.bincount(self.of_image, minlength=self.count)

    def places(self, chosen: Tensor) -> Tensor:
        """Int64 places, ascending, of all images of the chosen units `[m]`."""
        marked = torch.zeros(self.count, dtype=torch.bool)
        marked[chosen] = True
        return marked[self.of_image].nonzero().flatten()
