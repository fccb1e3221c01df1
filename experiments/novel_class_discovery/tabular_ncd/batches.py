"""The batches of a training: rows in an order that is drawn once, epoch after epoch."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from common.strict import BadInputError
from experiments.novel_class_discovery.tabular_ncd.settings import TrainingSettings


def batches(rows: int, settings: TrainingSettings, generator: torch.Generator) -> Iterator[Tensor]:
    """Places of each batch, for all epochs, or as many steps as the settings allow.

    The order is shuffled once, as in the paper; a last batch of a single row is left out, since batch
    statistics need two. Raises BadInputError where there is but one row.
    """
    if rows < 2:
        raise BadInputError(f"There is {rows} row to train on, and batch statistics need two or more.")
    order = torch.randperm(rows, generator=generator)
    parts = [part for part in order.split(settings.batch_size) if len(part) > 1]
    steps = settings.epochs * len(parts)
    for step in range(min(steps, settings.most_steps or steps)):
        yield parts[step % len(parts)]
