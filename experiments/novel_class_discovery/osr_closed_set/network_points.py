"""Networks as points: closed-set accuracy and AUROC, in percent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.osr_closed_set.outputs import Floats


def read_points(cells: Sequence[Mapping[str, Any]], networks: Sequence[str], score: str) -> Floats:
    """`[networks, 2]` of one score, in the order of `networks`; raises BadInputError where one is missing."""
    by_name = {cell["network"]: cell for cell in cells if cell["score"] == score}
    missing = [name for name in networks if name not in by_name]
    if missing:
        raise BadInputError(
            f"The networks were judged without '{missing[0]}' under the score '{score}'; add it to the "
            "conditions of the step that trains them, or leave it out of 'networks'."
        )
    return np.array([[by_name[name]["closed_accuracy"], by_name[name]["auroc"]] for name in networks])


def best_points(points: Floats, count: int) -> Floats:
    """The `count` points of the highest accuracy."""
    return points[np.argsort(-points[:, 0], kind="stable")[:count]]


def centred(points: Floats) -> Floats:
    """The points less their mean: what is left when a split's difficulty is taken out."""
    left: Floats = points - points.mean(axis=0)
    return left
