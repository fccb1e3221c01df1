"""Corrections for asking several questions at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from common.stats.samples import Sample, as_sample
from common.strict import BadInputError


def holm(p_values: Sequence[float] | Sample) -> Sample:
    """Adjusted p-values, shape [n], that keep the chance of any false rejection below their level.

    Step-down Bonferroni (Holm, "A simple sequentially rejective multiple test procedure", 1979); needs
    no independence. Raises BadInputError for p-values outside [0, 1], NaN, or none at all.
    """
    from statsmodels.stats.multitest import multipletests

    adjusted: Sample = multipletests(_checked(p_values), method="holm")[1]
    return adjusted


def benjamini_hochberg(p_values: Sequence[float] | Sample) -> Sample:
    """Adjusted p-values, shape [n], that bound the expected share of false rejections.

    "Controlling the false discovery rate" (1995); for independent or positively dependent tests.
    Raises as `holm`.
    """
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(_checked(p_values), method="bh"), dtype=np.float64)


def _checked(p_values: Sequence[float] | Sample) -> Sample:
    checked = as_sample(p_values, minimum=1)
    if ((checked < 0) | (checked > 1)).any():
        raise BadInputError("A p-value must lie between 0 and 1.")
    return checked
