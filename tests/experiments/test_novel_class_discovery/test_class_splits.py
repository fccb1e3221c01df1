"""Known and novel classes: NCD, GCD, and lists that can't be right."""

from __future__ import annotations

import numpy as np
import pytest

from common.strict import BadInputError
from experiments.novel_class_discovery.class_splits import split_classes
from experiments.novel_class_discovery.tasks import Task

TRUTH = np.array([0, 1, 2, 3] * 10)


def classes(*labels: int) -> np.ndarray:
    return np.array(labels, dtype=np.int64)


def test_in_ncd_all_without_a_label_are_novel() -> None:
    split = split_classes(TRUTH, classes(0, 1), classes(3))
    assert set(TRUTH[split.labelled].tolist()) == {0, 1}
    assert set(TRUTH[split.unlabelled].tolist()) == {3}
    assert len(split.labelled) == 20


def test_in_gcd_half_of_each_known_class_joins_them() -> None:
    split = split_classes(TRUTH, classes(0, 1), classes(2, 3), 0.5, np.random.default_rng(0))
    assert np.bincount(TRUTH[split.labelled]).tolist() == [5, 5]
    assert np.bincount(TRUTH[split.unlabelled]).tolist() == [5, 5, 10, 10]
    assert not set(split.labelled.tolist()) & set(split.unlabelled.tolist())


@pytest.mark.parametrize(
    ("known", "novel", "share", "sentence"),
    [
        ([0, 1], [], 1.0, "There are no novel classes; name at least one"),
        ([], [2], 1.0, "There are no known classes"),
        ([0, 1], [1, 2], 1.0, "Class 1 is named as known and as novel; leave it in one of the two lists"),
        ([0], [7], 1.0, "No row is of class 7; classes with rows are 0, 1, 2, 3"),
        ([0], [1], 0.0, "A share of 0.0 of known rows can't keep labels"),
        ([0], [1], 0.01, "leaves none of the 10 rows of class 0 a label"),
    ],
)
def test_mistakes_are_sentences(known: list[int], novel: list[int], share: float, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        split_classes(TRUTH, classes(*known), classes(*novel), share, np.random.default_rng(0))


def test_a_task_checks_its_rows() -> None:
    rows = np.zeros((3, 2), dtype=np.float32)
    with pytest.raises(BadInputError, match="There are no evaluated rows"):
        Task(rows, classes(0, 0, 1), rows, rows[:0])
    with pytest.raises(BadInputError, match="3 labelled rows have 1 labels"):
        Task(rows, classes(0), rows, rows)
    task = Task(rows, classes(0, 0, 1), rows[:1], rows, context=rows[:2])
    assert (task.known_classes, len(task.without_label)) == (2, 3)
