"""Images in one folder per part and class, which the user gives: <folder>/<part>/<class>/<image>.png."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError


def read_class_folders(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Bytes `[n, h, w, 3]` and labels `[n]`, which number the classes by the order of their names.

    Raises BadInputError where there are no images, or images of several sizes.
    """
    files = sorted((folder / part).glob("*/*.png"))
    if not files:
        raise BadInputError(
            f"{folder / part} holds no <class>/<image>.png; give the folder that has train/ and test/ in it."
        )
    names = sorted({file.parent.name for file in files})
    places = {name: place for place, name in enumerate(names)}
    with ThreadPoolExecutor() as pool:
        decoded = list(pool.map(_decode, files))
    sizes = sorted({image.shape[:2] for image in decoded})
    if len(sizes) > 1:
        raise BadInputError(
            f"The images below {folder / part} differ in size: {sizes[:3]}; scale them to one."
        )
    return np.stack(decoded), np.array([places[file.parent.name] for file in files], dtype=np.int64)


def _decode(file: Path) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))
