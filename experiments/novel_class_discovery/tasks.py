"""What a method of the track is handed: rows with labels, rows without, and the rows to be clustered."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels, Rows, check_rows


@dataclass(frozen=True)
class Task:
    """Rows of features `[n, d]`; no label of an unlabelled row is in here, so none can be learned from.

    Attributes:
        labelled: rows of known classes.
        labels: their classes, numbered from 0.
        unlabelled: rows whose classes are to be found and counted.
        evaluated: rows that are clustered and scored; may be the unlabelled ones themselves.
        context: further rows without a label that may be learned from, and are neither counted nor scored.
    """

    labelled: Rows
    labels: Labels
    unlabelled: Rows
    evaluated: Rows
    context: Rows = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))

    def __post_init__(self) -> None:
        for what in ("labelled", "unlabelled", "evaluated"):
            check_rows(getattr(self, what), f"{what} rows")
        if len(self.labels) != len(self.labelled):
            raise BadInputError(
                f"{len(self.labelled)} labelled rows have {len(self.labels)} labels; give each one."
            )

    @property
    def known_classes(self) -> int:
        """How many known classes there are."""
        return int(self.labels.max()) + 1

    @property
    def without_label(self) -> Rows:
        """All rows without a label that may be learned from, those to be counted first."""
        return np.concatenate([self.unlabelled, self.context]) if len(self.context) else self.unlabelled
