"""The arrays that the track passes around, and the checks that all of it shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError

Rows = NDArray[np.floating]  # [n, d]
Labels = NDArray[np.int64]  # [n]


def check_rows(rows: Rows, what: str) -> None:
    """Raise BadInputError unless `rows` is a table of finite numbers with at least one row."""
    if rows.ndim != 2 or not len(rows):
        raise BadInputError(f"There are no {what}: their array has the shape {list(rows.shape)}.")
    wrong = int((~np.isfinite(rows)).any(axis=1).sum())
    if wrong:
        raise BadInputError(
            f"{wrong} of {len(rows)} {what} hold NaN or infinity; fill these values in, or leave the rows "
            "out."
        )


def check_cluster_count(clusters: int, rows: Rows, what: str) -> None:
    """Raise BadInputError unless so many clusters can be found among `rows`."""
    if clusters < 1:
        raise BadInputError(f"{clusters} clusters can't be found; ask for one or more.")
    if clusters > len(rows):
        raise BadInputError(
            f"{clusters} clusters can't be found among {len(rows)} {what}; ask for at most {len(rows)}."
        )
