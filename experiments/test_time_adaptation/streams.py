"""Streams: in which order test images arrive, which of them meet in a batch, and when the network is reset.

- reset: one corruption after the other, the network reset before each (Wang et al. 2021, TENT).
- continual: the same without any reset (Wang et al. 2022, CoTTA).
- gradual: likewise, the severity of each corruption rising to its highest and falling again.
- mixed: the images of all corruptions shuffled together.
- correlated: continual, with classes in bursts: the images of each class are spread over ten stretches of a
  corruption by a Dirichlet distribution (Yuan et al. 2023, RoTTA).
- episodic: reset before every batch (Zhang et al. 2022, MEMO).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.strict import BadInputError

StreamName = Literal["reset", "continual", "gradual", "mixed", "correlated", "episodic"]
Places = NDArray[np.int64]

STRETCHES = 10  # of a corruption, over which a class is spread


@dataclass(frozen=True)
class Stretch:
    """Images that follow one another: `places` `[n, 2]`, number of the test set and of the image in it.

    Attributes:
        starts_anew: the network is reset before the first of them.
    """

    places: Tensor
    starts_anew: bool


@dataclass(frozen=True)
class Stream:
    """A whole test. A batch never holds images of two stretches."""

    stretches: tuple[Stretch, ...]
    batch_size: int
    always_anew: bool = False

    def batches(self) -> Iterator[Stretch]:
        """What arrives together, in order; the last batch of a stretch holds what is left."""
        for stretch in self.stretches:
            for number, places in enumerate(stretch.places.split(self.batch_size)):
                yield Stretch(places, self.always_anew or (stretch.starts_anew and number == 0))


def make_stream(
    name: StreamName,
    labels: Sequence[Tensor],
    batch_size: int,
    draws: torch.Generator,
    concentration: float = 0.1,
) -> Stream:
    """A stream through test sets in their order.

    Args:
        name: its kind. A gradual one is continual through sets that the caller has ordered by severity.
        labels: of the images of each set, `[n]`; only a correlated stream looks at them.
        batch_size: images that arrive together.
        draws: all chance that the order hangs on.
        concentration: of the Dirichlet distribution; the lower, the longer a class stays.

    Raises:
        BadInputError: where there is nothing to stream.
    """
    if not labels or min(map(len, labels)) == 0:
        raise BadInputError("A stream needs images: one of its test sets is empty; widen 'test_images'.")
    if name == "correlated":
        orders = [_in_bursts(of_set, concentration, draws) for of_set in labels]
    else:
        orders = [torch.randperm(len(of_set), generator=draws) for of_set in labels]
    visits = [torch.stack([torch.full_like(order, number), order], 1) for number, order in enumerate(orders)]
    if name == "mixed":
        everything = torch.cat(visits)
        visits = [everything[torch.randperm(len(everything), generator=draws)]]
    anew = name in ("reset", "episodic")
    stretches = tuple(Stretch(places, anew or number == 0) for number, places in enumerate(visits))
    return Stream(stretches, batch_size, always_anew=name == "episodic")


def _in_bursts(labels: Tensor, concentration: float, draws: torch.Generator) -> Tensor:
    """An order `[n]` of images in which each class comes mostly in a few of ten stretches.

    Within a stretch classes follow one another, as in the streams of Yuan et al. 2023.
    """
    chance = np.random.default_rng(int(torch.randint(2**62, (), generator=draws)))
    parts: list[list[Places]] = [[] for _ in range(STRETCHES)]
    for label in labels.unique().tolist():
        members = chance.permutation(np.flatnonzero(labels.cpu().numpy() == label))
        shares = chance.dirichlet(np.full(STRETCHES, concentration))
        cuts = (np.cumsum(shares)[:-1] * len(members)).astype(np.int64)
        for part, chosen in zip(parts, np.split(members, cuts), strict=True):
            part.append(chosen)
    shuffled = [piece for part in parts for piece in (part[i] for i in chance.permutation(len(part)))]
    return torch.from_numpy(np.concatenate(shuffled))


def rising_and_falling(severities: Sequence[int]) -> list[int]:
    """1, 2, 3, 4, 5, 4, 3, 2, 1 of severities in any order."""
    rising = sorted(severities)
    return [*rising, *rising[-2::-1]]
