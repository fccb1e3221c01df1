"""What an objective is handed of one batch: the outputs for its views, and what it keeps between batches."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor

from experiments.novel_class_discovery.image_settings import ObjectiveSettings
from experiments.novel_class_discovery.network import Outputs

HIDDEN = -1  # the label of an image without one


class Looks(NamedTuple):
    """Two views of the images of one batch.

    Attributes:
        small: outputs for all small crops, image after image within each crop; None where there are none.
        labels: int64 `[rows]`, HIDDEN for images of novel classes.
        memory: tensors and plain values that outlive the batch.
    """

    first: Outputs
    second: Outputs
    small: Outputs | None
    labels: Tensor
    epoch: int
    memory: dict[str, Any]
    settings: ObjectiveSettings

    @property
    def hidden(self) -> Tensor:
        """Which images have no label, `[rows]`."""
        return self.labels == HIDDEN
