"""CIFAR-100 from a folder of the user: `<split>/<class>/<image>.png`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError


def read_split(folder: Path, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Bytes `[n, h, w, 3]` and labels `[n]`, which count the classes' names in sorted order.

    Raises BadInputError where there are no images, or where train and test have other classes.
    """
    from PIL import Image

    files = sorted((folder / split).glob("*/*.png"))
    if not files:
        raise BadInputError(
            f"{folder} holds no {split}/<class>/<image>.png; give the folder that has train/ and test/ in it."
        )
    names = sorted({path.name for path in (folder / "train").iterdir() if path.is_dir()})
    if {file.parent.name for file in files} - {*names}:
        raise BadInputError(f"{folder / split} has classes that {folder / 'train'} lacks; make them agree.")
    places = {name: place for place, name in enumerate(names)}
    pictures = []
    for file in files:
        with Image.open(file, formats=["PNG"]) as picture:
            pictures.append(np.asarray(picture.convert("RGB")))
    if len({picture.shape for picture in pictures}) > 1:
        raise BadInputError(f"The images below {folder / split} differ in size; scale them to one.")
    return np.stack(pictures), np.array([places[file.parent.name] for file in files], dtype=np.int64)
