"""Which of miniImageNet's classes, named by WordNet identifiers, are base, validation and novel.

The split of Ravi and Larochelle (Optimization as a Model for Few-Shot Learning, 2017), whose csv files the
official code of Snell et al. 2017 (arXiv 1703.05175) holds. That of Vinyals et al. has other classes.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.few_shot.partitions import ClassPartition, published_partition

RAVI_VALIDATION = frozenset(
    {
        "n01855672",
        "n02091244",
        "n02114548",
        "n02138441",
        "n02174001",
        "n02950826",
        "n02971356",
        "n02981792",
        "n03075370",
        "n03417042",
        "n03535780",
        "n03584254",
        "n03770439",
        "n03773504",
        "n03980874",
        "n09256479",
    }
)
RAVI_NOVEL = frozenset(
    {
        "n01930112",
        "n01981276",
        "n02099601",
        "n02110063",
        "n02110341",
        "n02116738",
        "n02129165",
        "n02219486",
        "n02443484",
        "n02871525",
        "n03127925",
        "n03146219",
        "n03272010",
        "n03544143",
        "n03775546",
        "n04146614",
        "n04149813",
        "n04418357",
        "n04522168",
        "n07613480",
    }
)


def ravi_partition(names: Sequence[str]) -> ClassPartition:
    """The published split, whose other classes are base; raises BadInputError where a class is missing."""
    way_out = "give the csv files of the split of Ravi and Larochelle"
    return published_partition(names, RAVI_VALIDATION, RAVI_NOVEL, "The split mini_imagenet_ravi", way_out)
