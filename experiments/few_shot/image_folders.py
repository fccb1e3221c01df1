"""Images in files: in one folder per class, as CIFAR-FS is handed around, or wherever a table names them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.strict import BadInputError

# Bytes [n, h, w, 3], labels [n], and the names of the classes that labels count.
NamedImages = tuple[NDArray[np.uint8], NDArray[np.int64], list[str]]


def read_class_folders(folder: Path) -> NamedImages:
    """Bytes `[n, h, w, 3]`, labels `[n]` and the names of the classes, which labels count in sorted order.

    Images are <folder>/<class>/<image>.png. Raises BadInputError where there are none.
    """
    files = sorted(folder.glob("*/*.png"))
    if not files:
        raise BadInputError(f"{folder} holds no <class>/<image>.png; give the folder that has data/ in it.")
    names = sorted({file.parent.name for file in files})
    places = {name: place for place, name in enumerate(names)}
    return read_pictures(files), np.array([places[file.parent.name] for file in files]), names


def read_pictures(files: Sequence[Path]) -> NDArray[np.uint8]:
    """Bytes `[n, h, w, 3]`, in the order of the files.

    Raises BadInputError where there are no files, where one is missing or is no PNG or JPEG, and where sizes
    differ.
    """
    if not files:
        raise BadInputError("There are no images to read; give a folder that has some.")
    first = _decode(files[0])
    pictures = np.empty((len(files), *first.shape), np.uint8)

    def place(number: int) -> None:
        picture = _decode(files[number])
        if picture.shape != first.shape:
            sizes = sorted({first.shape[:2], picture.shape[:2]})
            raise BadInputError(
                f"The images below {files[number].parent.parent} differ in size: {sizes}; scale them to one."
            )
        pictures[number] = picture

    with ThreadPoolExecutor() as pool:
        for _ in pool.map(place, range(len(files))):
            pass
    return pictures


def _decode(file: Path) -> NDArray[np.uint8]:
    from PIL import Image

    try:
        with Image.open(file, formats=["PNG", "JPEG"]) as image:
            return np.asarray(image.convert("RGB"))
    except FileNotFoundError:
        raise BadInputError(f"{file} does not exist; put the image there that the data set has.") from None
    except OSError as error:
        raise BadInputError(f"{file} can't be read as PNG or JPEG ({error}); copy it anew.") from None
