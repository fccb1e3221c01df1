"""FC100: CIFAR-100 with whole super-classes kept apart, so that novel classes are less like base ones.

Oreshkin, Rodríguez López, Lacoste: TADAM, 2018, arXiv 1805.10123: 12 super-classes of 5 classes are base, 4
validation and 4 novel. Super-classes and their classes are those of CIFAR-100's home page.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.few_shot.partitions import ClassPartition, published_partition

FC100_VALIDATION = {
    "large_carnivores": ("bear", "leopard", "lion", "tiger", "wolf"),
    "large_omnivores_and_herbivores": ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    "non-insect_invertebrates": ("crab", "lobster", "snail", "spider", "worm"),
    "small_mammals": ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
}
FC100_NOVEL = {
    "aquatic_mammals": ("beaver", "dolphin", "otter", "seal", "whale"),
    "insects": ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    "medium_mammals": ("fox", "porcupine", "possum", "raccoon", "skunk"),
    "people": ("baby", "boy", "girl", "man", "woman"),
}


def fc100_partition(names: Sequence[str]) -> ClassPartition:
    """The published split of CIFAR-100's class names; raises BadInputError where one of them is missing."""
    validation, novel = (
        {name for classes in kept.values() for name in classes} for kept in (FC100_VALIDATION, FC100_NOVEL)
    )
    way_out = "give the folder with one sub-folder for each of CIFAR-100's 100 classes"
    return published_partition(names, validation, novel, "The split of FC100", way_out)
