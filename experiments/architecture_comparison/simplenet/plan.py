"""A plain network as one line: widths of convolutions and the places of poolings between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from common.strict import BadInputError

POOL = "pool"


@dataclass(frozen=True)
class Convolution:
    """So many output channels, a square kernel of odd side, and whether a pooling follows."""

    width: int
    kernel: int = 3
    pooled: bool = False


def read_plan(plan: Sequence[int | str]) -> list[Convolution]:
    """Of `[64, 128, pool, '1x1 256']`: a bare number is the width of a 3x3 convolution.

    Raises BadInputError for any other word, for a pooling that follows no convolution, and for none at all.
    """
    layers: list[Convolution] = []
    for place, word in enumerate(plan):
        if word != POOL:
            layers.append(_convolution(word, place))
        elif not layers or layers[-1].pooled:
            raise BadInputError(
                f"'plan' has a pooling at place {place + 1} without a convolution right before it; take it "
                f"out."
            )
        else:
            layers[-1] = Convolution(layers[-1].width, layers[-1].kernel, pooled=True)
    if not layers:
        raise BadInputError("'plan' has no convolution; give it the width of at least one.")
    return layers


def _convolution(word: int | str, place: int) -> Convolution:
    found = re.fullmatch(r"(?:(\d+)x\1 )?([1-9]\d*)", str(word))
    if found is None or int(found[1] or 3) % 2 == 0:
        raise BadInputError(
            f"'plan' has '{word}' at place {place + 1}; write a width such as 64, an odd kernel and a width "
            f"such as '1x1 64', or '{POOL}'."
        )
    return Convolution(int(found[2]), int(found[1] or 3))
