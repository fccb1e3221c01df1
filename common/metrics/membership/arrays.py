"""The arrays that attacks work on, checked before a number is made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from common.strict import BadInputError

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

# Below this many examples a side, an attack says nothing of the model attacked.
HANDFUL = 5


def finite_values(values: ArrayLike, name: str, dimensions: int = 1) -> Values:
    """`values` as float64; raises BadInputError for other dimensions, NaN or an infinity."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise BadInputError(f"{name} must have {dimensions} dimension(s), not the shape {array.shape}.")
    check_finite(array, np.ones(array.shape, dtype=bool), name)
    return array


def check_finite(array: Values, used: Mask, name: str) -> None:
    """Raises BadInputError where an entry of `array` that is `used` (same shape) is NaN or infinite."""
    broken = used & ~np.isfinite(array)
    if broken.any():
        place = tuple(int(index) for index in np.argwhere(broken)[0])
        raise BadInputError(
            f"{name}: {broken.sum()} of {used.sum()} are not finite, the first {array[place]} at {place}; "
            f"look whether the network behind them diverged."
        )
