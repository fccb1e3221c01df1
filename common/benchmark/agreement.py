"""By how much two results differ: numbers, arrays and tensors, or sequences and mappings of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Agreement:
    """How two results compare.

    Attributes:
        largest: the largest absolute difference between two numbers at the same place.
        differing: how many of the `numbers` differ at all.
        numbers: how many each result holds.
        mismatch: why they can't be compared number by number; empty if they can.
    """

    largest: float
    differing: int
    numbers: int
    mismatch: str = ""

    def within(self, tolerance: float) -> bool:
        """Whether no two numbers differ by more than `tolerance`."""
        return not self.mismatch and self.largest <= tolerance

    def in_words(self) -> str:
        """As the end of a sentence: how the results differ."""
        if self.mismatch:
            return self.mismatch
        return f"{self.differing:,} of {self.numbers:,} numbers differ, by up to {self.largest:.3g}"


def agreement(first: Any, second: Any) -> Agreement:
    """Compare two results; NaN equals NaN and differs from any number without limit."""
    import numpy as np

    left, right = list(_arrays(first)), list(_arrays(second))
    shapes = [[array.shape for array in side] for side in (left, right)]
    if shapes[0] != shapes[1]:
        return Agreement(float("inf"), 0, 0, f"one has the shapes {shapes[0]}, the other {shapes[1]}")
    largest, differing, numbers = 0.0, 0, 0
    for one, other in zip(left, right, strict=True):
        unequal = ~((one == other) | (np.isnan(one) & np.isnan(other)))
        gaps = np.abs(one[unequal] - other[unequal])
        largest = max(largest, float(np.where(np.isnan(gaps), np.inf, gaps).max(initial=0.0)))
        differing, numbers = differing + int(unequal.sum()), numbers + one.size
    return Agreement(largest, differing, numbers)


def _arrays(result: Any) -> Iterator[NDArray[np.float64]]:
    import numpy as np

    if isinstance(result, Mapping):
        for key in sorted(result):
            yield from _arrays(result[key])
    elif isinstance(result, list | tuple) and not all(isinstance(one, int | float) for one in result):
        for one in result:
            yield from _arrays(one)
    else:
        plain = result.detach().cpu().numpy() if hasattr(result, "detach") else result
        yield np.asarray(plain, dtype=np.float64)
