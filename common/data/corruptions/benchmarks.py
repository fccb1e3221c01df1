"""Benchmarks of the corruptions, each over a batch beside a loop over its images."""

from __future__ import annotations

from functools import partial
from typing import Any

from common.benchmark.entries import Pair, Ways
from common.data.corruptions.names import ALL_CORRUPTIONS

SEVERITY = 5
IMAGES = 200
# One grey level, where a value may fall on either side of a whole level by rounding.
ROUNDED = {"brightness": 1.0, "saturate": 1.0, "elastic_transform": 1.0}
DRAWING = "drawing the random numbers is most of the time, in either way"
COMPILED = "compiled code does each image in a call or two, so that a loop loses little"
REMARKS = {
    **dict.fromkeys(["gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise"], DRAWING),
    **dict.fromkeys(
        [
            "defocus_blur",
            "gaussian_blur",
            "snow",
            "fog",
            "contrast",
            "elastic_transform",
            "pixelate",
            "spatter",
            "saturate",
        ],
        COMPILED,
    ),
    "jpeg_compression": "the codec takes single images, so both ways are a loop",
}


def _ways(corruption: str, count: int) -> Ways:
    import numpy as np

    from common.data.corruptions import one_by_one
    from common.data.corruptions.batches import function_of

    photographs, files = _photographs()
    images = np.random.default_rng(0).integers(0, 256, size=(count, 32, 32, 3), dtype=np.uint8)
    loop = getattr(one_by_one, corruption)
    if corruption == "frost":
        loop = partial(loop, photographs=photographs, files=files)
    batch = function_of(corruption, photographs)
    return Ways(
        usual=lambda: loop(images, SEVERITY, np.random.default_rng(1)),
        ours=lambda: batch(images, SEVERITY, np.random.default_rng(1)),
    )


def _photographs() -> tuple[list[Any], list[bytes]]:
    """Five made-up photographs of 700 x 1000 pixels: a fifth of their size, and their files."""
    import cv2
    import numpy as np

    from common.data.corruptions.one_by_one import shrunk

    coarse = np.random.default_rng(2).integers(0, 256, size=(5, 70, 100, 3), dtype=np.uint8)
    files = [cv2.imencode(".jpg", cv2.resize(one, (1000, 700)))[1].tobytes() for one in coarse]
    return [shrunk(file) for file in files], files


BENCHMARKS = [
    Pair(
        name=corruption,
        usual="image by image",
        ours="whole batch",
        ways=partial(_ways, corruption),
        sizes=[IMAGES],
        unit="images",
        tolerance=ROUNDED.get(corruption, 0.0),
        remark=REMARKS.get(corruption, ""),
    )
    for corruption in ALL_CORRUPTIONS
]
