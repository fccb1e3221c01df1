"""Which examples a training visits at each step, and how each batch is augmented."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.training.seeding import stream_seed

Places = NDArray[np.int64]


class Visits(NamedTuple):
    """What consecutive steps see.

    Attributes:
        places: in the data, `[steps, batch]`.
        corners: of each batch's crop of the padded images, `[steps, 2]`.
        mirrored: which images are, bool `[steps, batch]`.
    """

    places: Places
    corners: Places
    mirrored: NDArray[np.bool_]


@dataclass
class Order:
    """The order in which one network visits the examples `kept`, int64 places `[m]`.

    Passes over them are shuffled anew, and the last partial batch of a pass is dropped. A step's batch hangs
    on `seed` and on the step alone, so that a training goes on after a kill as it would have.
    """

    kept: Places
    batch_size: int
    seed: int
    margin: int
    _pass: tuple[int, Places] = field(default=(-1, np.empty(0, np.int64)), repr=False)

    def visits(self, first: int, count: int) -> Visits:
        """Those of the steps `first`, …, `first + count - 1`."""
        places = np.stack([self._batch(step) for step in range(first, first + count)])
        chance = np.random.default_rng(stream_seed(self.seed, f"augmentation {first}"))
        corners = chance.integers(0, 2 * self.margin + 1, size=(count, 2))
        return Visits(places, corners, chance.random(places.shape) < (0.5 if self.margin else 0.0))

    def _batch(self, step: int) -> Places:
        number, place = divmod(step, len(self.kept) // self.batch_size)
        if self._pass[0] != number:
            chance = np.random.default_rng(stream_seed(self.seed, f"pass {number}"))
            self._pass = number, chance.permutation(self.kept)
        return self._pass[1][place * self.batch_size : (place + 1) * self.batch_size]


def visits_of_all(orders: list[Order], first: int, count: int) -> Visits:
    """The visits of every network, along a leading axis."""
    each = [order.visits(first, count) for order in orders]
    return Visits(*(np.stack(parts) for parts in zip(*each, strict=True)))
