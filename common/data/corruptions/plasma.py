"""Plasma fractals: random height maps made by the diamond-square algorithm on a torus, a batch at a time."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from common.data.corruptions.images import Values

FIRST_WIBBLE = 100.0


def plasma_fractals(count: int, side: int, decay: float, generator: Generator) -> Values:
    """Height maps [count, side, side] in [0, 1], `side` a power of two.

    One corner is 0. Each new point is the mean of its four neighbours, wrapped around, plus
    wibble · U(-wibble, wibble); `wibble` starts at 100 and is divided by `decay` after each halving of the
    step. The map is then shifted to minimum 0 and divided by its maximum.
    """
    maps = np.zeros((count, side, side))
    step, wibble = side, FIRST_WIBBLE
    while step >= 2:
        _halve(maps, step, wibble, generator)
        step, wibble = step // 2, wibble / decay
    maps -= maps.min(axis=(1, 2), keepdims=True)
    maps /= maps.max(axis=(1, 2), keepdims=True)
    return maps


def _halve(maps: Values, step: int, wibble: float, generator: Generator) -> None:
    """Fill the centres of the squares, then the middles of their horizontal and vertical sides."""
    half = step // 2
    corners = maps[:, ::step, ::step]
    wide = corners + np.roll(corners, -1, axis=2)
    tall = corners + np.roll(corners, -1, axis=1)
    centres = _wibbled(wide + np.roll(wide, -1, axis=1), wibble, generator)
    maps[:, half::step, half::step] = centres
    maps[:, ::step, half::step] = _wibbled(centres + np.roll(centres, 1, axis=1) + wide, wibble, generator)
    maps[:, half::step, ::step] = _wibbled(centres + np.roll(centres, 1, axis=2) + tall, wibble, generator)


def _wibbled(sums: Values, wibble: float, generator: Generator) -> Values:
    return sums / 4 + wibble * generator.uniform(-wibble, wibble, size=sums.shape)
