"""How well a score tells known from unknown images, and a network known classes, in percent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.metrics.membership.roc import area_under_curve
from common.strict import BadInputError
from experiments.novel_class_discovery.osr_closed_set.outputs import Floats


def auroc(known: Floats, unknown: Floats) -> float:
    """The chance, in percent, that a known image scores above an unknown one, ties counting half.

    Raises BadInputError where there are none of one kind, or a score isn't finite.
    """
    _check(known, unknown)
    positive = np.repeat([True, False], [len(known), len(unknown)])
    return area_under_curve(np.concatenate([known, unknown]), positive)


def oscr(known: Floats, correct: NDArray[np.bool_], unknown: Floats) -> float:
    """The area under the curve of correct classification over false positives, in percent.

    At a threshold t, the share of known images that are classified correctly and score above t, over the
    share of unknown ones that do (Dhamija et al. 2018, arXiv 1811.04110). It is the chance that a known image
    is classified correctly and scores above an unknown one; ties count half, so that it is AUROC where all
    are correct.
    """
    _check(known, unknown)
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known[correct], "left")
    not_above = np.searchsorted(ordered, known[correct], "right")
    return 100.0 * float((below + not_above).sum() / 2 / (len(known) * len(unknown)))


def accuracy(correct: NDArray[np.bool_]) -> float:
    """Share of images that are classified correctly, in percent."""
    return 100.0 * float(correct.mean())


def _check(known: Floats, unknown: Floats) -> None:
    if not len(known) or not len(unknown):
        raise BadInputError(
            f"There are scores of {len(known)} known and {len(unknown)} unknown images; both are needed."
        )
