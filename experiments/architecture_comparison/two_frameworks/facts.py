"""The protocol of what is trained in two frameworks."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel
from experiments.architecture_comparison.facts import NetworkFacts

Framework = Literal["torch", "flax"]


class FrameworkFacts(NetworkFacts):
    """What was trained, and by what.

    Attributes:
        framework: Flax starts from torch's weights and sees torch's batches.
    """

    framework: Framework


class StepTimeFacts(StrictModel):
    """What took turns, in which framework; repeats differ in nothing but time, and that is what is told."""

    network: str
    framework: Framework
    parameters: int
    multiply_adds: int
    side: int
    batch_size: int
    batches: int
    rounds: int


class CrowdFacts(StrictModel):
    """Steps of several networks, run in each way in turns.

    Attributes:
        networks: of one shape, each with its own weights and learning rate.
    """

    network: str
    networks: int
    parameters: int
    side: int
    batch_size: int
    steps: int
