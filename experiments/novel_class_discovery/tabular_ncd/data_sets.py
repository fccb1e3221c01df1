"""The paper's data sets: which classes are novel, which rows are for testing, and standardised features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.data.arrays import load
from common.strict import BadInputError, StrictModel, suggest
from common.training.seeding import stream_seed
from experiments.novel_class_discovery.arrays import Labels, Rows, check_rows
from experiments.novel_class_discovery.class_splits import split_classes
from experiments.novel_class_discovery.tabular_ncd.uci_files import READERS, Table
from experiments.novel_class_discovery.tasks import Task


class DataSet(StrictModel):
    """What the paper does with a data set (its table of data sets).

    Attributes:
        novel: classes without labels, numbered as in the prepared data; the others are known.
        test_share: of the rows, drawn at random by the seed; null: the official training and test rows.
        standardised: by mean and standard deviation of the training rows.
    """

    novel: tuple[int, ...]
    test_share: float | None = None
    standardised: bool = True

    @property
    def split(self) -> str:
        """The split's name in protocol facts."""
        return "official rows" if self.test_share is None else f"random {self.test_share:.0%} test"


DATA_SETS = {
    "letter_recognition": DataSet(novel=(0, 3, 7, 12, 15, 21, 23), test_share=0.3),
    "pendigits": DataSet(novel=(0, 3, 5, 6, 7)),
    "optdigits": DataSet(novel=(0, 3, 4, 5, 6)),
    # Not one of the paper's: the test rows of optdigits, which scikit-learn ships.
    "digits": DataSet(novel=(0, 3, 4, 5, 6), test_share=1 / 3),
    "har": DataSet(novel=(0, 3, 4)),
    "census": DataSet(novel=(0, 3, 5, 11, 12, 15), test_share=0.3),
    "multiple_features": DataSet(novel=(1, 3, 6, 7, 9), test_share=0.2),
    "cnae_9": DataSet(novel=(1, 2, 3, 6, 9), test_share=0.2, standardised=False),
}


@dataclass(frozen=True)
class TabularSet:
    """Training and test rows `[n, d]`, float32, their classes, and which of these are known and novel."""

    name: str
    train: Rows
    train_labels: Labels
    test: Rows
    test_labels: Labels
    known: Labels
    novel: Labels
    split: str

    def task(self) -> Task:
        """The discovery of the novel classes: scored are test rows of them."""
        split = split_classes(self.train_labels, self.known, self.novel)
        return Task(
            labelled=self.train[split.labelled],
            labels=np.searchsorted(self.known, self.train_labels[split.labelled]),
            unlabelled=self.train[split.unlabelled],
            evaluated=self.test[np.isin(self.test_labels, self.novel)],
        )

    @property
    def truth(self) -> Labels:
        """The class of each scored row of `task`."""
        return self.test_labels[np.isin(self.test_labels, self.novel)]


def load_set(
    name: str, root: Path, seed: int, folders: dict[str, Path], most_rows: int | None = None
) -> TabularSet:
    """Read a data set, divide its rows and scale its features; raises BadInputError where that can't be."""
    if name not in DATA_SETS:
        raise BadInputError(f"'{name}' is no data set of tabular_ncd.{suggest(name, DATA_SETS)}")
    chosen = DATA_SETS[name]
    generator = np.random.default_rng(stream_seed(seed, "split"))
    table = READERS[name](folders["uci"], generator) if name in READERS else _prepared(name, root)
    train, test = _divided(table, chosen.test_share, generator)
    train, test = (
        part if most_rows is None else _first(part, most_rows, generator) for part in (train, test)
    )
    scaled = standardised(train[0], test[0]) if chosen.standardised else (train[0], test[0])
    novel = np.array(chosen.novel, dtype=np.int64)
    return TabularSet(
        name,
        scaled[0].astype(np.float32),
        train[1],
        scaled[1].astype(np.float32),
        test[1],
        known=np.setdiff1d(train[1], novel),
        novel=novel,
        split=chosen.split,
    )


def standardised(train: Rows, test: Rows) -> tuple[Rows, Rows]:
    """Each feature less its training mean, over its training standard deviation.

    A feature that is constant in training is dropped from both, as the paper does with two of Optdigits.
    Raises BadInputError where no other is left.
    """
    check_rows(train, "training rows")
    deviation = train.std(axis=0)
    varies = deviation > 0
    if not varies.any():
        raise BadInputError(
            f"All {train.shape[1]} features are constant over the {len(train)} training rows, so that "
            "nothing tells rows apart; look whether the file was read in the right format."
        )
    mean = train.mean(axis=0)[varies]
    return (train[:, varies] - mean) / deviation[varies], (test[:, varies] - mean) / deviation[varies]


def _prepared(name: str, root: Path) -> Table:
    arrays = load(name, root)
    if "images" in arrays:
        images = np.asarray(arrays["images"], dtype=np.float64)
        return Table(images.reshape(len(images), -1), np.asarray(arrays["labels"]), None)
    parts = [np.asarray(arrays[f"{part}_features"], dtype=np.float64) for part in ("train", "test")]
    labels = np.concatenate([arrays["train_labels"], arrays["test_labels"]])
    return Table(np.concatenate(parts), labels, len(parts[0]))


def _divided(
    table: Table, test_share: float | None, generator: np.random.Generator
) -> tuple[tuple[Rows, Labels], tuple[Rows, Labels]]:
    """Training and test rows with their labels: the official ones, or at random."""
    rows, labels, training_rows = table
    if test_share is None:
        if training_rows is None:
            raise BadInputError("The data set has no official test rows; give it a 'test_share'.")
        return (rows[:training_rows], labels[:training_rows]), (rows[training_rows:], labels[training_rows:])
    order = generator.permutation(len(rows))
    test, train = np.split(order, [round(test_share * len(rows))])
    return (rows[train], labels[train]), (rows[test], labels[test])


def _first(part: tuple[Rows, Labels], most: int, generator: np.random.Generator) -> tuple[Rows, Labels]:
    chosen = np.sort(generator.permutation(len(part[0]))[:most])
    return part[0][chosen], part[1][chosen]
