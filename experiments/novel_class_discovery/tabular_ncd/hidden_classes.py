"""Cross-validation by hiding known classes: the paper's way to choose hyperparameters without novel labels.

Section on hidden classes of Troisemaine et al. 2024: the known classes, not the rows, are divided. Hidden
ones are treated as novel and scored, since their labels are known; rows of truly novel classes are learned
from without being scored. The paper's exact numbers of hidden classes aren't known to us: as many as there
are novel ones, but at most half of the known and at least two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels
from experiments.novel_class_discovery.tabular_ncd.data_sets import TabularSet
from experiments.novel_class_discovery.tasks import Task


@dataclass(frozen=True)
class Fold:
    """An imitation of the task on training rows alone, and the hidden class of each scored row."""

    task: Task
    truth: Labels
    hidden: Labels


def hidden_class_folds(
    data: TabularSet,
    generator: np.random.Generator,
    most: int | None = None,
    most_scored: int | None = None,
) -> list[Fold]:
    """Folds that hide each known class at least once; at most so many. Test rows have no part in them.

    With `most_scored`, a random part of the hidden rows is scored; all of them are learned from.
    """
    groups = hidden_groups(data.known, len(data.novel), generator)[:most]
    return [_fold(data, hidden, most_scored, generator) for hidden in groups]


def hidden_groups(known: Labels, novel: int, generator: np.random.Generator) -> list[Labels]:
    """Groups of as many known classes each, which together are all of them; the last may repeat some.

    Raises BadInputError for fewer than three known classes: of one class no clusters can be told apart, and
    with none left nothing is known.
    """
    if len(known) < 3:
        raise BadInputError(
            f"Of {len(known)} known classes none can be hidden, as two must be and one must stay; choose "
            "hyperparameters in another way."
        )
    size = max(2, min(novel, len(known) // 2))
    order = generator.permutation(known)
    places = np.arange(math.ceil(len(known) / size) * size).reshape(-1, size) % len(known)
    return [np.sort(order[group]) for group in places]


def _fold(data: TabularSet, hidden: Labels, most_scored: int | None, generator: np.random.Generator) -> Fold:
    labels = data.train_labels
    is_hidden, is_novel = np.isin(labels, hidden), np.isin(labels, data.novel)
    kept = ~(is_hidden | is_novel)
    remaining = np.setdiff1d(data.known, hidden)
    scored = np.sort(generator.permutation(np.flatnonzero(is_hidden))[:most_scored])
    task = Task(
        labelled=data.train[kept],
        labels=np.searchsorted(remaining, labels[kept]),
        unlabelled=data.train[is_hidden],
        evaluated=data.train[scored],
        context=data.train[is_novel],
    )
    return Fold(task, labels[scored], hidden)
