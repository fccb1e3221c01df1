"""How many seeds each step has: as many as it asks for itself, or as later steps need of it."""

from __future__ import annotations

import math
from typing import TypeVar

from common.runs.config import ScaleConfig, StepConfig

Count = TypeVar("Count", int, float)


def seed_counts(scale: ScaleConfig, seeds: int | None) -> dict[str, int]:
    """Step -> number of its seeds; `seeds` overrides the scale's, and lowers what a step has of its own."""
    own = {name: _own_count(step, scale.seeds, seeds) for name, step in scale.steps.items()}
    return _raised(own, scale.steps)


def seed_limits(scale: ScaleConfig) -> dict[str, float]:
    """Step -> number of seeds that it has at most, whatever the override; infinite if nothing says."""
    own = {name: step.seeds or math.inf for name, step in scale.steps.items()}
    return _raised(own, scale.steps)


def _own_count(step: StepConfig, usual: int, override: int | None) -> int:
    if step.seeds is None:
        return override or usual
    return min(step.seeds, override or step.seeds)


def _raised(own: dict[str, Count], steps: dict[str, StepConfig]) -> dict[str, Count]:
    """Each count, raised to what later steps read; a step's count is final once all later ones were seen."""
    counts = dict(own)
    for name, step in reversed(steps.items()):
        for need in step.needs:
            counts[need] = max(counts[need], counts[name])
        for gathered, number in step.gathers.items():
            counts[gathered] = max(counts[gathered], number)
    return counts
