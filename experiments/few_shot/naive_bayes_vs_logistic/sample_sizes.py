"""The sample sizes that the simulation tries, in order."""

from __future__ import annotations

import math
from collections.abc import Iterator


def sample_sizes(classes: int, features: int, growth: float | None) -> Iterator[int]:
    """From 2 K to 100 n, by the paper's steps of ceil(ln n) or by a factor `growth` (ours)."""
    size = 2 * classes
    while size <= 100 * features:
        yield size
        size += math.ceil(math.log(features)) if growth is None else max(1, math.ceil(size * (growth - 1)))
