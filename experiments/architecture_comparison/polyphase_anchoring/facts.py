"""What makes two numbers of this paper comparable, besides the track's facts."""

from __future__ import annotations

from common.strict import StrictModel
from experiments.architecture_comparison.facts import NetworkFacts


class ShiftFacts(NetworkFacts):
    """How consistency of a trained network was measured.

    Attributes:
        shift_images: test images that are shifted.
        reach: pixels of the worst shift, either way.
    """

    shift_images: int
    reach: int


class ExactFacts(StrictModel):
    """All circular shifts of some test images, through a network as it was initialised by a given seed."""

    dataset: str
    side: int
    images: int
    shifts: int
    network: str
    deterministic: bool = True
