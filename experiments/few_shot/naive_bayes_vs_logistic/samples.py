"""Labelled samples: drawing them so that no class is missing, checking them, scaling them."""

from __future__ import annotations

import numpy as np

from common.strict import BadInputError
from experiments.few_shot.naive_bayes_vs_logistic.rules import Features, Labels

MOST_DRAWS = 10_000  # ten classes in samples of 20 are complete in one draw of five


def check_sample(features: Features, labels: Labels, classes: int) -> None:
    """Raise BadInputError where a sample can't be learned from: in its sizes, its numbers or its classes."""
    if features.ndim != 2 or len(features) != len(labels):
        raise BadInputError(
            f"Features of the shape {list(features.shape)} don't go with {len(labels)} labels; "
            f"give one row of features for each label."
        )
    if not np.isfinite(features).all():
        wrong = int((~np.isfinite(features)).any(axis=1).sum())
        raise BadInputError(
            f"{wrong} of {len(features)} feature vectors hold NaN or infinity; look at the step that "
            f"made them."
        )
    check_size(len(labels), classes)
    missing = np.setdiff1d(np.arange(classes), labels)
    if len(missing):
        raise BadInputError(
            f"The sample of {len(labels)} has no example of class {missing[0]}; draw again, or draw more."
        )


def check_size(size: int, classes: int) -> None:
    """Raise BadInputError where `size` examples can't hold every class."""
    if size < classes:
        raise BadInputError(
            f"A sample of {size} can't hold an example of each of {classes} classes; raise 'samples' to "
            f"{classes} or more."
        )


def draw_places(pool: Labels, size: int, classes: int, generator: np.random.Generator) -> Labels:
    """Places `[size]` in `pool`, without replacement, drawn anew until every class is there.

    Raises BadInputError where the pool is too small, or no draw in ten thousand holds every class.
    """
    check_size(size, classes)
    if size > len(pool):
        raise BadInputError(
            f"A sample of {size} can't be drawn from {len(pool)} examples; lower 'samples', or keep more."
        )
    for _ in range(MOST_DRAWS):
        places = generator.choice(len(pool), size, replace=False)
        if len(np.unique(pool[places])) == classes:
            return places
    raise BadInputError(
        f"None of {MOST_DRAWS} samples of {size} held all {classes} classes; raise 'samples', or look "
        f"whether the data have them all."
    )


def unit_range(sample: Features, others: Features) -> tuple[Features, Features]:
    """MinMax scaling: each feature of the sample to [0, 1]; by the same map, others may leave it.

    A feature that is constant in the sample is shifted to 0 and keeps its unit, as scikit-learn has it.
    """
    low = sample.min(axis=0)
    span = sample.max(axis=0) - low
    span = np.where(span > 0, span, 1).astype(sample.dtype)
    return (sample - low) / span, (others - low) / span
