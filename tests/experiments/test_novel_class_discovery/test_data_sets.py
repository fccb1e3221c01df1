"""Data sets: divisions of rows, scaling, folds, and readers of UCI files on tiny files of their formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.strict import BadInputError
from experiments.novel_class_discovery.tabular_ncd import uci_files
from experiments.novel_class_discovery.tabular_ncd.data_sets import DATA_SETS, load_set, standardised
from experiments.novel_class_discovery.tabular_ncd.hidden_classes import hidden_class_folds, hidden_groups
from tests.experiments.test_novel_class_discovery.tables import make_root

GENERATOR = np.random.default_rng(0)


def test_rows_are_divided_by_the_seed(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    first, again, other = (load_set("digits", root, seed, {}) for seed in (0, 0, 1))
    assert (len(first.train), len(first.test)) == (160, 80)
    assert np.array_equal(first.train_labels, again.train_labels)
    assert not np.array_equal(first.train_labels, other.train_labels)
    assert first.train.mean(axis=0) == pytest.approx(0, abs=1e-6)
    assert first.train.std(axis=0) == pytest.approx(1, abs=1e-5)
    task = first.task()
    assert set(first.train_labels[np.isin(first.train_labels, first.known)].tolist()) == {1, 2, 7, 8, 9}
    assert task.known_classes == 5
    assert len(task.evaluated) == len(first.truth)
    assert set(first.truth.tolist()) == {0, 3, 4, 5, 6}


def test_novel_classes_are_the_papers() -> None:
    letters = [chr(ord("A") + label) for label in DATA_SETS["letter_recognition"].novel]
    assert letters == ["A", "D", "H", "M", "P", "V", "X"]
    assert {name: len(data.novel) for name, data in DATA_SETS.items()} == {
        "letter_recognition": 7,
        "pendigits": 5,
        "optdigits": 5,
        "digits": 5,
        "har": 3,
        "census": 6,
        "multiple_features": 5,
        "cnae_9": 5,
    }


def test_constant_features_are_dropped_or_a_sentence() -> None:
    train = np.array([[1.0, 5, 2], [3, 5, 4]])
    scaled, test = standardised(train, np.array([[2.0, 6, 3]]))
    assert scaled.tolist() == [[-1, -1], [1, 1]]
    assert test.tolist() == [[0, 0]]
    with pytest.raises(BadInputError, match="All 2 features are constant over the 3 training rows"):
        standardised(np.ones((3, 2)), np.ones((1, 2)))


def test_folds_hide_each_known_class_and_score_training_rows(tmp_path: Path) -> None:
    data = load_set("digits", make_root(tmp_path), 0, {})
    folds = hidden_class_folds(data, np.random.default_rng(0))
    assert set(np.concatenate([fold.hidden for fold in folds]).tolist()) == set(data.known.tolist())
    for fold in folds:
        assert set(fold.truth.tolist()) == set(fold.hidden.tolist())
        assert np.array_equal(fold.task.unlabelled, fold.task.evaluated)
        assert fold.task.known_classes == len(data.known) - len(fold.hidden)
        rows = len(fold.task.labelled) + len(fold.task.unlabelled) + len(fold.task.context)
        assert rows == len(data.train)
    (part, *_) = hidden_class_folds(data, np.random.default_rng(0), most_scored=10)
    assert (len(part.task.evaluated), len(part.truth)) == (10, 10)
    assert len(part.task.unlabelled) > 10


@pytest.mark.parametrize(
    ("known", "novel", "size", "groups"), [(19, 7, 7, 3), (5, 5, 2, 3), (3, 3, 2, 2), (12, 6, 6, 2)]
)
def test_as_many_are_hidden_as_are_novel(known: int, novel: int, size: int, groups: int) -> None:
    found = hidden_groups(np.arange(known), novel, GENERATOR)
    assert [len(group) for group in found] == [size] * groups
    assert set(np.concatenate(found).tolist()) == set(range(known))


def test_two_known_classes_are_too_few_to_hide() -> None:
    with pytest.raises(BadInputError, match="Of 2 known classes none can be hidden"):
        hidden_groups(np.arange(2), 3, GENERATOR)


def har(folder: Path) -> Path:
    base = folder / "har" / "UCI HAR Dataset"
    names = ["WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING"]
    for part, codes in (("train", [5, 1, 6]), ("test", [2])):
        (base / part).mkdir(parents=True)
        (base / part / f"X_{part}.txt").write_text("  1.0 -2.5e-001\n" * len(codes))
        (base / part / f"y_{part}.txt").write_text("".join(f"{code}\n" for code in codes))
        (base / part / f"subject_{part}.txt").write_text("7\n" * len(codes))
    lines = [f"{code} {name}\n" for code, name in enumerate(names, start=1)]
    (base / "activity_labels.txt").write_text("".join(lines))
    return folder


def test_activities_are_numbered_in_alphabetical_order_and_none_is_lost(tmp_path: Path) -> None:
    table = uci_files.read_har(har(tmp_path), GENERATOR)
    assert table.rows.tolist() == [[1, -0.25, 7]] * 4
    assert table.labels.tolist() == [2, 3, 0, 5]  # STANDING, WALKING, LAYING; WALKING_UPSTAIRS
    assert table.training_rows == 3


def test_census_keeps_so_many_rows_of_each_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uci_files, "CENSUS_ROWS_PER_CLASS", 2)
    path = tmp_path / "census" / "USCensus1990.data.txt"
    path.parent.mkdir()
    rows = "".join(f"{case},{case % 4},{case % 2},9\n" for case in range(10))
    path.write_text(f"caseid,dAge,iYearsch,dHours\n{rows}")
    table = uci_files.read_census(tmp_path, np.random.default_rng(0))
    assert np.bincount(table.labels).tolist() == [2, 2]
    assert table.rows.shape == (4, 2)
    assert (table.rows[:, 0] % 2 == table.labels).all()
    assert (table.rows[:, 1] == 9).all()


def test_multiple_features_lose_their_first_column(tmp_path: Path) -> None:
    path = tmp_path / "multiple_features" / "mfeat-fac"
    path.parent.mkdir()
    path.write_text("".join(f"  98  {row} 612\n" for row in range(20)))
    table = uci_files.read_multiple_features(tmp_path, GENERATOR)
    assert table.rows[:, 0].tolist() == list(range(20))
    assert table.labels.tolist() == [row // 2 for row in range(20)]
    path.write_text("1 2\n")
    with pytest.raises(BadInputError, match="has 1 rows, which ten digits don't share"):
        uci_files.read_multiple_features(tmp_path, GENERATOR)


def test_cnae_9_has_its_class_first(tmp_path: Path) -> None:
    path = tmp_path / "cnae_9" / "CNAE-9.data"
    path.parent.mkdir()
    path.write_text("1,0,2\n9,1,0\n")
    table = uci_files.read_cnae_9(tmp_path, GENERATOR)
    assert (table.labels.tolist(), table.rows.tolist()) == ([1, 9], [[0, 2], [1, 0]])


def test_a_category_is_a_sentence() -> None:
    with pytest.raises(
        BadInputError, match="row 2: column 2 has 'red', which is no number; encode categories"
    ):
        uci_files.numeric_rows([["1", "2"], ["3", "red"]], Path("file"))
    with pytest.raises(BadInputError, match="row 2 has 1 values, and those before have 2"):
        uci_files.numeric_rows([["1", "2"], ["3"]], Path("file"))


def test_a_missing_file_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="Download the data set from the UCI repository"):
        uci_files.read_cnae_9(tmp_path, GENERATOR)
