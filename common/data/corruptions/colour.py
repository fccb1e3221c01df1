"""Changes of value and saturation in HSV, in closed form: hue never has to be computed.

With hue and saturation fixed, RGB is proportional to the value V = max(R, G, B); with hue and value fixed,
V - RGB is proportional to the saturation S = 1 - min(R, G, B) / V.
"""

from __future__ import annotations

import numpy as np

from common.data.corruptions.images import Values


def add_value(colours: Values, added: float) -> Values:
    """Add to the value of `colours` [..., 3] in [0, 1]; black becomes grey."""
    value = colours.max(axis=-1, keepdims=True)
    wanted = np.clip(value + added, 0, 1)
    black = value == 0
    brighter: Values = np.where(black, wanted, colours * (wanted / np.where(black, 1, value)))
    return brighter


def change_saturation(colours: Values, factor: float, added: float) -> Values:
    """Turn the saturation S of `colours` [..., 3] in [0, 1] into factor · S + added, clipped to [0, 1].

    A grey has hue 0 by convention, so that it turns red where `added` is positive.
    """
    value = colours.max(axis=-1, keepdims=True)
    spread = value - colours.min(axis=-1, keepdims=True)
    grey = spread == 0
    wanted = np.clip(factor * spread / np.where(value == 0, 1, value) + added, 0, 1)
    share = np.where(grey, np.array([0, 1, 1]), (value - colours) / np.where(grey, 1, spread))
    changed: Values = value * (1 - wanted * share)
    return changed
