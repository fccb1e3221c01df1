"""Which classes a network is trained on and which it meets for the first time when it is tested."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch

from common.strict import BadInputError, suggest

# Official code, data/open_set_splits/osr_splits.py: the known classes of five splits; all others are unknown.
PUBLISHED: dict[str, list[list[int]]] = {
    "mnist": [
        [2, 4, 5, 9, 8, 3],
        [3, 2, 6, 9, 4, 0],
        [5, 8, 3, 2, 4, 6],
        [3, 7, 8, 4, 0, 5],
        [6, 3, 4, 9, 8, 2],
    ],
    "cifar10": [
        [0, 6, 4, 9, 1, 7],
        [7, 6, 4, 9, 0, 1],
        [1, 5, 7, 3, 9, 4],
        [8, 6, 1, 9, 0, 7],
        [2, 4, 1, 7, 9, 6],
    ],
}


@dataclass(frozen=True)
class OpenSetSplit:
    """Disjoint classes; the place of a class in `known` is its label in training.

    Raises BadInputError where a class stands twice, or where there are no known or no unknown ones.
    """

    known: tuple[int, ...]
    unknown: tuple[int, ...]

    def __post_init__(self) -> None:
        both = sorted(set(self.known) & set(self.unknown))
        if both:
            raise BadInputError(
                f"Classes {both} are known and unknown at once; an unknown class must be new: take them out "
                "of 'known' or of 'unknown'."
            )
        for name, classes in (("known", self.known), ("unknown", self.unknown)):
            if len(set(classes)) < len(classes):
                raise BadInputError(f"The {name} classes {list(classes)} name a class twice; name each once.")
        if len(self.known) < 2:
            raise BadInputError(
                f"There are {len(self.known)} known class(es), and a classifier needs two; name more."
            )
        if not self.unknown:
            raise BadInputError(
                "There are no unknown classes, so that nothing could be recognised as one; leave some "
                "classes out of 'known'."
            )


def published_split(dataset: str, number: int, there: Collection[int]) -> OpenSetSplit:
    """The split of the paper with a number from 0; its unknown classes are all others that are `there`.

    Raises BadInputError for a data set or a number without one, and where a known class isn't there.
    """
    if dataset not in PUBLISHED:
        raise BadInputError(
            f"No published split of '{dataset}' is known; take 'split: random'.{suggest(dataset, PUBLISHED)}"
        )
    splits = PUBLISHED[dataset]
    if number >= len(splits):
        raise BadInputError(
            f"There are {len(splits)} published splits of {dataset}, one for each seed from 0, and none for "
            f"seed {number}; run fewer seeds, or take 'split: random'."
        )
    return given_split(dataset, splits[number], None, there)


def random_split(
    dataset: str, known: int, generator: torch.Generator, there: Collection[int]
) -> OpenSetSplit:
    """So many known classes, every choice as likely, all others unknown.

    Raises BadInputError where no class is left to be unknown.
    """
    if known >= len(there):
        raise BadInputError(
            f"{known} known classes leave none of the {len(there)} of {dataset} to be unknown; lower "
            "'known_count'."
        )
    drawn = [sorted(there)[place] for place in torch.randperm(len(there), generator=generator).tolist()]
    return OpenSetSplit(tuple(drawn[:known]), tuple(sorted(drawn[known:])))


def given_split(
    dataset: str, known: Sequence[int], unknown: Sequence[int] | None, there: Collection[int]
) -> OpenSetSplit:
    """The classes named; None stands for all that aren't known. Raises BadInputError for one not `there`."""
    missing = sorted({*known, *(unknown or ())} - set(there))
    if missing:
        raise BadInputError(
            f"The split names the classes {missing}, but {dataset} has only {sorted(there)}; give a data set "
            "that has them, or name others."
        )
    rest = sorted(set(there) - set(known)) if unknown is None else unknown
    return OpenSetSplit(tuple(known), tuple(rest))
