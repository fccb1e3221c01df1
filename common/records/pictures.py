"""Pictures in text: images as JSON beside a record, so that a figure that shows some needs records alone."""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationInfo, field_validator

from common.strict import BadInputError, StrictModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Picture(StrictModel):
    """Images of one size, `[n, h, w]` or `[n, h, w, 3]`: their bytes in base64, the last index fastest."""

    bytes: str
    shape: list[int]

    @field_validator("shape")
    @classmethod
    def _holds_all_bytes(cls, shape: list[int], info: ValidationInfo) -> list[int]:
        if not _is_shape(shape):
            raise ValueError("images are [n, h, w] or [n, h, w, 3]")
        count = len(b64decode(info.data.get("bytes", ""), validate=True))
        if count != math.prod(shape):
            raise ValueError(f"that many images have {math.prod(shape)} bytes, not {count}")
        return shape

    def images(self) -> NDArray[np.uint8]:
        """The images, uint8, `[n, h, w]` or `[n, h, w, 3]`."""
        import numpy as np

        return np.frombuffer(b64decode(self.bytes), dtype=np.uint8).reshape(self.shape)


Pictures = dict[str, Picture]


def encode(pictures: Mapping[str, Any], where: str) -> Pictures:
    """Name -> its images in text.

    Raises BadInputError, beginning with `where`, for what is no numpy array of such a type and shape.
    """
    return {name: _picture(name, images, where) for name, images in pictures.items()}


def _picture(name: str, images: Any, where: str) -> Picture:
    kind, shape = str(getattr(images, "dtype", type(images).__name__)), list(getattr(images, "shape", []))
    if kind != "uint8" or not _is_shape(shape):
        raise BadInputError(
            f"{where}: the picture '{name}' is {kind} {shape}; hand over a numpy array of uint8, "
            f"[n, h, w] or [n, h, w, 3]."
        )
    return Picture(bytes=b64encode(images.tobytes()).decode(), shape=shape)


def _is_shape(shape: list[int]) -> bool:
    return min(shape, default=0) > 0 and (len(shape) == 3 or (len(shape) == 4 and shape[3] == 3))
