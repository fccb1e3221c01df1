"""Class partitions: disjoint, by the seed alone, and CIFAR-FS as it was published."""

from __future__ import annotations

import pytest
import torch

from common.strict import BadInputError
from experiments.few_shot.partitions import (
    CIFAR_FS_NOVEL,
    CIFAR_FS_VALIDATION,
    ClassPartition,
    cifar_fs_partition,
    random_partition,
)


def test_a_random_partition_is_disjoint_and_repeats_with_its_seed() -> None:
    one, again, other = (
        random_partition(10, 4, 1, 5, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert one == again != other
    assert sorted([*one.base, *one.validation, *one.novel]) == list(range(10))
    assert [len(part) for part in (one.base, one.validation, one.novel)] == [4, 1, 5]


def test_every_class_is_novel_as_often() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.tensor([random_partition(10, 5, 0, 5, generator).novel for _ in range(4000)])
    assert torch.bincount(drawn.flatten()).tolist() == pytest.approx([2000] * 10, abs=150)


def test_more_classes_than_there_are_is_said() -> None:
    with pytest.raises(BadInputError, match="6 base, 0 validation and 5 novel classes are more than the 10"):
        random_partition(10, 6, 0, 5, torch.Generator())


def test_a_class_can_not_be_base_and_novel() -> None:
    with pytest.raises(BadInputError, match=r"Classes \[2\] are base and novel at once"):
        ClassPartition((0, 1, 2), (), (2, 3))


def test_base_and_novel_can_not_be_empty() -> None:
    with pytest.raises(BadInputError, match="There are no novel classes"):
        ClassPartition((0, 1), (2,), ())


def test_cifar_fs_has_64_16_and_20_classes() -> None:
    others = [f"class_{place}" for place in range(64)]
    names = sorted([*others, *CIFAR_FS_VALIDATION, *CIFAR_FS_NOVEL])
    partition = cifar_fs_partition(names)
    assert [len(part) for part in (partition.base, partition.validation, partition.novel)] == [64, 16, 20]
    assert {names[place] for place in partition.novel} == set(CIFAR_FS_NOVEL)
    with pytest.raises(BadInputError, match=r"1 class\(es\) .* among them 'worm'"):
        cifar_fs_partition([name for name in names if name != "worm"])
