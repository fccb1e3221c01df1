"""What the sentences of all verdicts share: numbers with the digits they deserve, and the conclusion."""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST_DECIMALS = 8

NO_NOISE = (
    "random values that all agree show no noise to judge by; see that the seed reaches the run, "
    "or declare it deterministic"
)


def conclude(clause: str, word: str, scale: str) -> str:
    """The sentence of a verdict: what was found, then the word on it."""
    if word == "not run":
        return end(f"Not run at {scale} scale: {clause}")
    return f"{clause}: {word} at {scale} scale."


def end(clause: str) -> str:
    """`clause` with a full stop, unless it has its own end."""
    return clause if clause.endswith((".", "?")) else f"{clause}."


def decimals_for(interval: tuple[float, float], bounds: Sequence[float] = ()) -> int:
    """Decimals at which to print an interval.

    Its half width gets two significant digits when they are below 35, else one (the rule of the
    Particle Data Group); then more, until each printed end stands to each of `bounds` as the exact one.
    """
    decimals = _decimals_of_width((interval[1] - interval[0]) / 2)
    while decimals < MOST_DECIMALS and not _faithful(interval, bounds, decimals):
        decimals += 1
    return decimals


def show(value: float, decimals: int) -> str:
    """`value` with that many decimals, a true minus sign, and no negative zero."""
    rounded = round(value, decimals) + 0.0
    return f"{rounded:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def show_interval(interval: tuple[float, float], decimals: int) -> str:
    """`[low, high]`."""
    return f"[{show(interval[0], decimals)}, {show(interval[1], decimals)}]"


def show_confidence(confidence: float) -> str:
    """`95 %`."""
    return f"{100 * confidence:.4g} %"


def show_exact(value: float) -> str:
    """`value` to six significant digits, without trailing zeros."""
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def show_ratio(ratio: float) -> str:
    """`3.1 % of`, `150 % of` or, from twice on, `5.7 times`: two significant digits, and whole percents."""
    if ratio >= 2:
        return f"{show_exact(float(f'{ratio:.2g}'))} times"
    percent = 100 * ratio
    return f"{percent:.0f} % of" if percent >= 10 else f"{show_exact(float(f'{percent:.2g}'))} % of"


def show_amount(number: str, unit: str) -> str:
    """A number with its unit."""
    return f"{number} {unit}".rstrip()


def _decimals_of_width(half_width: float) -> int:
    if half_width == 0:
        return 1
    exponent = math.floor(math.log10(half_width))
    digits = 2 if half_width / 10**exponent < 3.5 else 1
    return min(MOST_DECIMALS, max(0, digits - 1 - exponent))


def _faithful(interval: tuple[float, float], bounds: Sequence[float], decimals: int) -> bool:
    return all(
        _side(round(end, decimals), bound) == _side(end, bound) for end in interval for bound in bounds
    )


def _side(value: float, bound: float) -> int:
    return (value > bound) - (value < bound)
