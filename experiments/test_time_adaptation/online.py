"""The online protocol: each batch is predicted once, when it arrives, and may change the network for the
next.

Wang et al. 2021 (TENT, arXiv 2006.10726), section 3. A method is handed images alone: there is no way for a
label of the test to reach it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from common.training.images import Standardise
from experiments.test_time_adaptation.protocol import MethodFacts
from experiments.test_time_adaptation.streams import Stream
from experiments.test_time_adaptation.test_sets import TestSet

Found = TypeVar("Found")


class OnlineAdapter(Protocol):
    """A network together with the rule that changes it."""

    def step(self, images: Tensor) -> Tensor:
        """Logits, or log-probabilities, `[batch, classes]` of standardised images; adapts to them."""


class SourceImages(Protocol):
    """A tensor, or files that are read a batch at a time."""

    def __getitem__(self, places: slice, /) -> Tensor:
        """Standardised images `[n, channels, h, w]`."""


@dataclass(frozen=True)
class SourceSample:
    """Standardised training images `[n, channels, h, w]` of the source, and their labels `[n]`."""

    images: SourceImages
    labels: Tensor
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def batches(self, size: int) -> Iterator[Tensor]:
        """The images, so many at a time; the last batch holds what is left."""
        for first in range(0, len(self.labels), size):
            yield self.images[first : first + size]

    def once(self, what: str, of_source: Callable[[], Found]) -> Found:
        """What a method computes of the sample and of the source network, which no reset changes."""
        if what not in self._known:
            self._known[what] = of_source()
        found: Found = self._known[what]
        return found


@dataclass(frozen=True)
class Start:
    """What a method is given before the first batch.

    Attributes:
        network: in evaluation mode, the method's own to change; it has `features` and `classifier`.
        options: the method's `Options`.
        optimiser: makes the optimiser of the parameters that learn.
        standardise: what was done to the images.
        draws: for the method's own chance.
        sample: of the source, for the methods that say so in their facts.
    """

    network: Any
    options: Any
    optimiser: Callable[[Sequence[nn.Parameter]], torch.optim.Optimizer]
    standardise: Standardise
    draws: torch.Generator
    sample: SourceSample | None = None


class OnlineMethod(Protocol):
    """What a method's module offers: facts, options with their defaults, and the method itself."""

    ONLINE: MethodFacts
    Options: type[Any]

    @staticmethod
    def online(start: Start) -> OnlineAdapter:
        """The method, before its first batch."""


@dataclass(frozen=True)
class Passage:
    """How a stream went.

    Attributes:
        wrong: for each test set, whether each image was misclassified, in the order of the stream, `[n]`.
        seconds: spent in the method.
    """

    wrong: tuple[Tensor, ...]
    seconds: float

    def errors(self) -> list[float]:
        """Of each test set, in percent."""
        return [float(of_set.double().mean() * 100) for of_set in self.wrong]

    @property
    def seconds_per_image(self) -> float:
        """Of adaptation and prediction together."""
        return self.seconds / sum(map(len, self.wrong))


def pass_through(
    stream: Stream, sets: Sequence[TestSet], standardise: Standardise, begin: Callable[[], OnlineAdapter]
) -> Passage:
    """Let a method meet a stream; `begin` makes it anew, as it is before the first batch."""
    adapter: OnlineAdapter | None = None
    wrong: list[list[Tensor]] = [[] for _ in sets]
    seconds = 0.0
    for batch in stream.batches():
        images, labels = _gathered(sets, batch.places)
        began = time.perf_counter()
        if adapter is None or batch.starts_anew:
            adapter = begin()
        predicted = adapter.step(standardise(images)).argmax(dim=1)
        seconds += time.perf_counter() - began
        for number in batch.places[:, 0].unique().tolist():
            wrong[number].append((predicted != labels).cpu()[batch.places[:, 0] == number])
    return Passage(tuple(torch.cat(of_set) for of_set in wrong), seconds)


def _gathered(sets: Sequence[TestSet], places: Tensor) -> tuple[Tensor, Tensor]:
    """Images and labels at `places` `[b, 2]`, in their order."""
    which, place = places.unbind(1)
    first = sets[int(which[0])]
    labels = first.labels.new_empty(len(places))
    images = labels.new_empty((len(places), *first.images.shape[1:]), dtype=torch.uint8)
    for number in which.unique().tolist():
        here = which == number
        images[here] = sets[number].images[place[here]]
        labels[here] = sets[number].labels[place[here]]
    return images, labels
