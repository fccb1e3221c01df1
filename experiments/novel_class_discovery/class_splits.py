"""Which classes are known and which rows keep their label: the splits of NCD and of GCD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels


@dataclass(frozen=True)
class ClassSplit:
    """Places of rows with and without a label, and the known and novel classes in order."""

    labelled: Labels
    unlabelled: Labels
    known: Labels
    novel: Labels


def split_classes(
    truth: Labels,
    known: Labels,
    novel: Labels,
    labelled_share: float = 1.0,
    generator: np.random.Generator | None = None,
) -> ClassSplit:
    """Take labels away from all rows of novel classes, and from a share of each known class.

    Args:
        truth: the class of each row, `[n]`.
        known: classes that rows with labels are of.
        novel: classes that no row with a label is of; rows of any further class are left out.
        labelled_share: of the rows of each known class that keep their label, rounded down: 1 is NCD, where
            all rows without a label are novel; GCD has half.
        generator: draws which; needed for a share below 1.

    Raises:
        BadInputError: where there is no novel or no known class, a class is both or has no rows, or a class
            would keep no labelled row.
    """
    check_classes(truth, known, novel)
    if not 0 < labelled_share <= 1 or (labelled_share < 1 and generator is None):
        raise BadInputError(
            f"A share of {labelled_share} of known rows can't keep labels; give one above 0 and up to 1, and "
            "below 1 a generator too."
        )
    labelled = np.flatnonzero(np.isin(truth, known))
    if labelled_share < 1 and generator is not None:
        labelled = np.sort(
            np.concatenate([_drawn(truth, label, labelled_share, generator) for label in known])
        )
    kept = np.isin(truth, np.concatenate([known, novel]))
    kept[labelled] = False
    return ClassSplit(labelled, np.flatnonzero(kept), np.sort(known), np.sort(novel))


def check_classes(truth: Labels, known: Labels, novel: Labels) -> None:
    """Raise BadInputError for classes that aren't there, that are none, or that are known and novel."""
    for name, classes in (("novel", novel), ("known", known)):
        if not len(classes):
            raise BadInputError(f"There are no {name} classes; name at least one.")
    both = np.intersect1d(known, novel)
    if len(both):
        raise BadInputError(
            f"Class {both[0]} is named as known and as novel; leave it in one of the two lists."
        )
    missing = np.setdiff1d(np.concatenate([known, novel]), truth)
    if len(missing):
        raise BadInputError(
            f"No row is of class {missing[0]}; classes with rows are {', '.join(map(str, np.unique(truth)))}."
        )


def _drawn(truth: Labels, label: int, share: float, generator: np.random.Generator) -> Labels:
    places = np.flatnonzero(truth == label)
    count = int(share * len(places))
    if not count:
        raise BadInputError(
            f"A share of {share} leaves none of the {len(places)} rows of class {label} a label; raise it."
        )
    return generator.permutation(places)[:count]
