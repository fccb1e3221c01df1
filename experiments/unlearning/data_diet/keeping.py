"""Which examples a pruned training set keeps, as ascending int64 places."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError

Places = NDArray[np.int64]
Scores = NDArray[np.float64]


def kept_size(kept: float, count: int) -> int:
    """M = ceil(kept · N) examples; raises BadInputError for a fraction outside (0, 1]."""
    if not 0 < kept <= 1:
        raise BadInputError(
            f"The kept fraction is {kept}, and no network can be trained on that; "
            f"write one above 0 and at most 1, such as 0.5."
        )
    return math.ceil(round(kept * count, 6))  # 0.7 · 10 is a little more than 7


def highest(scores: Scores, kept: float) -> Places:
    """The places of the highest scores `[n]`, whatever their classes; of equal ones the last are taken."""
    kept_size(kept, len(scores))
    return window(scores, kept, 1 - kept)


def lowest(scores: Scores, kept: float) -> Places:
    """The places of the lowest scores `[n]`; of equal ones the first are taken."""
    return window(scores, kept, 0.0)


def window(scores: Scores, kept: float, offset: float) -> Places:
    """The positions `[offset · N, offset · N + M)` of the scores in ascending order.

    Raises BadInputError for scores that are NaN, or a window that passes the end.
    """
    missing = int(np.isnan(scores).sum())
    if missing:
        raise BadInputError(
            f"{missing} of {len(scores)} scores are not a number, so the examples can't be ranked. "
            f"Lower 'learning_rate' of the step that scores, and run it again."
        )
    size = kept_size(kept, len(scores))
    if offset < 0 or offset + kept > 1 + 1e-9:
        raise BadInputError(
            f"A window of {kept:g} of the examples at offset {offset:g} passes the last one; "
            f"choose offsets from 0 to {1 - kept:g}."
        )
    first = min(round(offset * len(scores)), len(scores) - size)  # as both are rounded
    order = np.argsort(scores, kind="stable")[first : first + size]
    return np.sort(order).astype(np.int64)


def random(count: int, kept: float, chance: np.random.Generator) -> Places:
    """As many places, drawn at random."""
    return np.sort(chance.permutation(count)[: kept_size(kept, count)]).astype(np.int64)


def relabelled(labels: NDArray[np.int64], share: float, chance: np.random.Generator) -> NDArray[np.int64]:
    """Labels `[n]` of which a random share is permuted among itself, as the paper's code does.

    So class counts stay, and some of the share, about one in as many as there are classes, keep their label.
    """
    chosen = chance.permutation(len(labels))[: round(share * len(labels))]
    changed = labels.copy()
    changed[chosen] = labels[chance.permutation(chosen)]
    return changed
