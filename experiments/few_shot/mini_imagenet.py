"""miniImageNet, as its split is handed around: train.csv, val.csv, test.csv and a folder with the images.

The csv files have the columns `filename` and `label` (a WordNet identifier), and the images, JPEG or PNG, lie
in `images/`, all scaled to one size: 84 x 84 in the literature. Pickled caches are not read, because opening
a pickle runs the code in it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from common.strict import BadInputError
from experiments.few_shot.image_folders import NamedImages, read_pictures

TABLES = ("train.csv", "val.csv", "test.csv")
COLUMNS = {"filename", "label"}


def read_mini_imagenet(folder: Path) -> NamedImages:
    """Bytes `[n, h, w, 3]`, labels `[n]` and the names of the classes, which labels count in sorted order.

    Raises BadInputError where a table, a column or an image is missing, or where images differ in size.
    """
    rows = [row for table in TABLES for row in _rows(folder, table)]
    names = sorted({label for _, label in rows})
    places = {name: place for place, name in enumerate(names)}
    pictures = read_pictures([folder / "images" / filename for filename, _ in rows])
    return pictures, np.array([places[label] for _, label in rows], dtype=np.int64), names


def _rows(folder: Path, table: str) -> list[tuple[str, str]]:
    path = folder / table
    if not path.is_file():
        raise BadInputError(_missing(folder, table))
    with path.open(newline="") as lines:
        reader = csv.DictReader(lines)
        if COLUMNS - set(reader.fieldnames or ()):
            raise BadInputError(
                f"{path} has no columns 'filename' and 'label'; give the split's own csv file."
            )
        rows = [(row["filename"], row["label"]) for row in reader]
    outside = [filename for filename, _ in rows if Path(filename).name != filename]
    if outside:
        raise BadInputError(
            f"{path} names '{outside[0]}', which is no file in images/ itself; name it alone."
        )
    return rows


def _missing(folder: Path, table: str) -> str:
    pickles = sorted(file.name for file in folder.glob("*.pkl"))
    if pickles:
        return (
            f"{folder} holds pickles ({pickles[0]}), which are not read, because opening a pickle runs the "
            f"code in it; give a folder with {', '.join(TABLES)} and images/."
        )
    return f"{folder} has no {table}; give a folder with {', '.join(TABLES)} and images/."
