"""Which classes are base, validation and novel: disjoint sets, at random or as published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import torch

from common.strict import BadInputError

# CIFAR-FS: the split of CIFAR-100 of Bertinetto et al. 2019 (arXiv 1805.08136). All others are base classes.
CIFAR_FS_VALIDATION = frozenset(
    {
        "beaver",
        "otter",
        "flatfish",
        "shark",
        "lamp",
        "television",
        "beetle",
        "butterfly",
        "sea",
        "camel",
        "cattle",
        "crab",
        "crocodile",
        "maple_tree",
        "motorcycle",
        "tractor",
    }
)
CIFAR_FS_NOVEL = frozenset(
    {
        "whale",
        "poppy",
        "rose",
        "sweet_pepper",
        "telephone",
        "bed",
        "table",
        "wardrobe",
        "leopard",
        "plain",
        "chimpanzee",
        "fox",
        "snail",
        "worm",
        "baby",
        "man",
        "woman",
        "bicycle",
        "pickup_truck",
        "rocket",
    }
)


@dataclass(frozen=True)
class ClassPartition:
    """Three disjoint lists of classes, each in ascending order.

    Raises BadInputError where a class stands in two of them, or where base or novel is empty.
    """

    base: tuple[int, ...]
    validation: tuple[int, ...]
    novel: tuple[int, ...]

    def __post_init__(self) -> None:
        pairs = [("base", self.base), ("validation", self.validation), ("novel", self.novel)]
        for place, (name, classes) in enumerate(pairs):
            for other_name, others in pairs[place + 1 :]:
                shared = sorted(set(classes) & set(others))
                if shared:
                    raise BadInputError(
                        f"Classes {shared} are {name} and {other_name} at once; a novel class must be new: "
                        "take them out of one of the two."
                    )
        for name in ("base", "novel"):
            if not getattr(self, name):
                raise BadInputError(f"There are no {name} classes; give 'classes' at least one.")

    def with_validation_in_base(self) -> ClassPartition:
        """Validation classes are trained on as well, as is published beside trainings without them."""
        return ClassPartition(_ascending({*self.base, *self.validation}), (), self.novel)


def random_partition(
    classes: int, base: int, validation: int, novel: int, generator: torch.Generator
) -> ClassPartition:
    """Draw disjoint classes, every partition of these sizes as likely; the seed is all that it hangs on.

    Raises BadInputError where there are fewer classes than asked for.
    """
    if base + validation + novel > classes:
        raise BadInputError(
            f"{base} base, {validation} validation and {novel} novel classes are more than the {classes} "
            "that there are; lower one of the three."
        )
    drawn = torch.randperm(classes, generator=generator).tolist()
    return ClassPartition(
        base=_ascending(drawn[:base]),
        validation=_ascending(drawn[base : base + validation]),
        novel=_ascending(drawn[base + validation : base + validation + novel]),
    )


def cifar_fs_partition(names: Sequence[str]) -> ClassPartition:
    """The published split of CIFAR-100's class names; raises BadInputError where one of them is missing."""
    return published_partition(
        names,
        CIFAR_FS_VALIDATION,
        CIFAR_FS_NOVEL,
        "The split of CIFAR-FS",
        "give the folder with one sub-folder for each of CIFAR-100's 100 classes",
    )


def published_partition(
    names: Sequence[str], validation: AbstractSet[str], novel: AbstractSet[str], split: str, way_out: str
) -> ClassPartition:
    """Places of the named classes, those that are neither validation nor novel being base.

    Args:
        names: of all classes, as labels count them.
        validation, novel: as published.
        split, way_out: for the sentence that says which names are missing.
    """
    missing = sorted({*validation, *novel} - set(names))
    if missing:
        raise BadInputError(
            f"{split} names {len(missing)} class(es) that the images lack, among them "
            f"'{missing[0]}'; {way_out}."
        )
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for place, name in enumerate(names):
        parts[1 if name in validation else 2 if name in novel else 0].append(place)
    return ClassPartition(*map(_ascending, parts))


def _ascending(classes: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(classes))
