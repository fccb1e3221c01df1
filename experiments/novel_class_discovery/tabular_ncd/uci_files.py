"""Readers of the data sets that come as files of the UCI repository in a folder that the user names.

UCI publishes no checksums, so these files can't be pinned; the record has the folder's hash. Expected are:
har/UCI HAR Dataset as unpacked, census/USCensus1990.data.txt, multiple_features/mfeat-fac and
cnae_9/CNAE-9.data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from common.strict import BadInputError
from experiments.novel_class_discovery.arrays import Labels, Rows

CENSUS_ROWS_PER_CLASS = 1000  # of each class the paper keeps as many


class Table(NamedTuple):
    """Rows `[n, d]`, their classes `[n]`, and how many of the first are official training rows, if any."""

    rows: Rows
    labels: Labels
    training_rows: int | None


def read_har(folder: Path, generator: np.random.Generator) -> Table:
    """Human Activity Recognition: 561 features and the subject; classes in the alphabetical order of names.

    Every label is read. (The released code takes the first label for a header, which shifts all others.)
    """
    base = _existing(folder / "har" / "UCI HAR Dataset")
    names = [line.split()[1] for line in _lines(base / "activity_labels.txt")]
    order = {name: place for place, name in enumerate(sorted(names))}
    parts = [_har_part(base / part, part) for part in ("train", "test")]
    labels = np.array([order[names[code - 1]] for _, codes in parts for code in codes], dtype=np.int64)
    return Table(np.concatenate([rows for rows, _ in parts]), labels, len(parts[0][0]))


def read_census(folder: Path, generator: np.random.Generator) -> Table:
    """US Census 1990: the class is iYearsch; caseid is left out; up to 1000 rows a class, drawn at random."""
    path = _existing(folder / "census" / "USCensus1990.data.txt")
    with path.open() as file:
        names = file.readline().strip().split(",")
        for wanted in ("caseid", "iYearsch"):
            if wanted not in names:
                raise BadInputError(f"{path} has no column '{wanted}'; its first line must name the columns.")
        table = numeric_rows((line.rstrip("\n").split(",") for line in file), path)
    labels = table[:, names.index("iYearsch")].astype(np.int64)
    kept = np.sort(
        np.concatenate(
            [
                generator.permutation(np.flatnonzero(labels == label))[:CENSUS_ROWS_PER_CLASS]
                for label in np.unique(labels)
            ]
        )
    )
    left_out = [names.index("caseid"), names.index("iYearsch")]
    return Table(np.delete(table[kept], left_out, axis=1), labels[kept], None)


def read_multiple_features(folder: Path, generator: np.random.Generator) -> Table:
    """Multiple Features, profile correlations: 200 rows of each digit in order, 216 features.

    The paper's code drops the first of them; so is done here, for the same 215.
    """
    path = _existing(folder / "multiple_features" / "mfeat-fac")
    rows = numeric_rows((line.split() for line in _lines(path)), path)
    if len(rows) % 10:
        raise BadInputError(f"{path} has {len(rows)} rows, which ten digits don't share; download it again.")
    return Table(rows[:, 1:], np.repeat(np.arange(10), len(rows) // 10), None)


def read_cnae_9(folder: Path, generator: np.random.Generator) -> Table:
    """CNAE-9: the class from 1 to 9, then 856 counts of words."""
    path = _existing(folder / "cnae_9" / "CNAE-9.data")
    table = numeric_rows((line.split(",") for line in _lines(path)), path)
    return Table(table[:, 1:], table[:, 0].astype(np.int64), None)


def numeric_rows(lines: Iterable[Sequence[str]], path: Path) -> Rows:
    """Numbers `[n, d]` of all lines.

    Raises BadInputError for a value that is none, such as the name of a category, and for a line of another
    length.
    """
    rows: list[list[float]] = []
    for number, values in enumerate(lines, start=1):
        if rows and len(values) != len(rows[0]):
            raise BadInputError(
                f"{path}, row {number} has {len(values)} values, and those before have {len(rows[0])}."
            )
        try:
            rows.append([float(value) for value in values])
        except ValueError:
            column = next(place for place, value in enumerate(values, start=1) if not _is_number(value))
            raise BadInputError(
                f"{path}, row {number}: column {column} has {values[column - 1]!r}, which is no number; "
                "encode categories as numbers, or leave the column out."
            ) from None
    if not rows:
        raise BadInputError(f"{path} has no rows; download it again.")
    return np.array(rows)


Reader = Callable[[Path, np.random.Generator], Table]
READERS: dict[str, Reader] = {
    "har": read_har,
    "census": read_census,
    "multiple_features": read_multiple_features,
    "cnae_9": read_cnae_9,
}


def _har_part(folder: Path, part: str) -> tuple[Rows, list[int]]:
    features, subjects = (folder / f"{name}_{part}.txt" for name in ("X", "subject"))
    rows = numeric_rows((line.split() for line in _lines(features)), features)
    subject = numeric_rows((line.split() for line in _lines(subjects)), subjects)
    codes = [int(line) for line in _lines(folder / f"y_{part}.txt")]
    if not len(rows) == len(subject) == len(codes):
        raise BadInputError(f"{folder}: features, subjects and labels differ in number; unpack it again.")
    return np.concatenate([rows, subject], axis=1), codes


def _lines(path: Path) -> list[str]:
    return [line for line in _existing(path).read_text().splitlines() if line.strip()]


def _existing(path: Path) -> Path:
    if not path.exists():
        raise BadInputError(
            f"{path} does not exist. Download the data set from the UCI repository, unpack it there, and "
            "name the folder above: --folder uci=<path>"
        )
    return path


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
