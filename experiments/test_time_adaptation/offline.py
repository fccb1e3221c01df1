"""The offline protocol: several passes over one unlabelled test set, then its error.

Rusak et al. 2022, section 2: the network is reset to the source before every test set, and the error
is measured on the same images in a pass of its own after adaptation (transductive).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor, nn

from common.strict import BadInputError
from experiments.test_time_adaptation.protocol import Adapter
from experiments.test_time_adaptation.settings import MethodSettings
from experiments.test_time_adaptation.source_model import SourceModel
from experiments.test_time_adaptation.test_sets import TestSet


class Method(Protocol):
    """What a method's module offers."""

    STATISTICS: str

    @staticmethod
    def adapter(network: nn.Module, settings: MethodSettings, learning_rate: float) -> Adapter:
        """The method, around a network that is its own to change."""


def adapt_offline(
    adapter: Adapter,
    source: SourceModel,
    test_set: TestSet,
    batch_size: int,
    epochs: int,
    generator: torch.Generator,
    every_epoch: bool,
) -> list[float]:
    """Adapt to the test set; its error in percent after the last epoch, or after each from the 0th.

    Raises BadInputError where there are fewer than two images: the statistics of a batch would be those
    of the image itself.
    """
    errors = [_error(adapter, source, test_set, batch_size)] if every_epoch or epochs == 0 else []
    for epoch in range(1, epochs + 1):
        for chosen in _batches(len(test_set.labels), batch_size, generator):
            adapter.update(source.standardise(test_set.images[chosen]))
        adapter.end_epoch()
        if every_epoch or epoch == epochs:
            errors.append(_error(adapter, source, test_set, batch_size))
    return errors


def error_percent(logits: Tensor, labels: Tensor) -> float:
    """Top-1 error of logits `[n, classes]` against labels `[n]`, in percent."""
    return float((logits.argmax(dim=1) != labels).double().mean() * 100)


def _error(adapter: Adapter, source: SourceModel, test_set: TestSet, batch_size: int) -> float:
    # The same shuffled batches each time: batch statistics hang on which images meet.
    order = torch.Generator().manual_seed(0)
    batches = list(_batches(len(test_set.labels), batch_size, order))
    logits = torch.cat([adapter.predict(source.standardise(test_set.images[chosen])) for chosen in batches])
    return error_percent(logits, test_set.labels[torch.cat(batches)])


def _batches(count: int, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Indices of all images in random order, in batches of nearly equal size: none is a small rest.

    As many batches as come closest to `batch_size`, each of two images or more.
    """
    if count < 2:
        raise BadInputError(
            f"The test set has {count} image(s), and batch statistics need two or more. "
            f"Widen 'test_images' and 'development_images', or look into the data."
        )
    number = min(max(1, round(count / batch_size)), count // 2)
    yield from torch.randperm(count, generator=generator).tensor_split(number)
