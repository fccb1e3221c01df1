"""Step `crowd`: steps of several small networks, as one vmapped program or one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import StrictModel
from experiments.architecture_comparison.settings import RecipeSettings
from experiments.architecture_comparison.two_frameworks.facts import CrowdFacts


class Settings(StrictModel):
    """What takes turns; conditions name the `network`, an architecture.

    Attributes:
        copies: networks of each architecture, each with weights and a learning rate of its own.
        steps: of every network in a round.
        rounds: turns of each way; one more before them, to warm up, doesn't count.
    """

    channels: int
    side: int
    classes: int
    recipe: RecipeSettings
    networks: dict[Name, dict[str, Any]] = Field(min_length=1)
    copies: int = Field(ge=2)
    steps: int = Field(ge=1)
    rounds: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the steps taken, and for each way the seconds of them and of compiling."""
    from experiments.architecture_comparison.cost import parameter_count
    from experiments.architecture_comparison.shapes import ImageShape
    from experiments.architecture_comparison.two_frameworks.clocks import seconds_of
    from experiments.architecture_comparison.two_frameworks.twins import torch_network

    settings = job.settings
    shape = ImageShape(settings.channels, settings.side, settings.classes)
    for condition in job.conditions:
        name = str(condition["network"])
        networks = [
            torch_network(name, settings.networks[name], shape, job.seed + copy)
            for copy in range(settings.copies)
        ]
        parameters = parameter_count(networks[0])
        ways = _ways(settings, name, networks, shape)
        spent = dict.fromkeys(ways, 0.0)
        for turn in range(settings.rounds + 1):
            for way, (steps, _) in ways.items():
                seconds = sum(seconds_of(step, settings.steps) for step in steps)
                spent[way] += seconds if turn else 0.0
        timings = spent | {f"compiling_{way}": compiling for way, (_, compiling) in ways.items() if compiling}
        facts = CrowdFacts(
            network=name, networks=settings.copies, parameters=parameters, side=settings.side,
            batch_size=settings.recipe.batch_size, steps=settings.steps * settings.rounds,
        )  # fmt: skip
        steps_taken = float(settings.steps * settings.rounds * settings.copies)
        yield Result(condition, {"steps": steps_taken}, facts, timings=timings)


def _ways(
    settings: Settings, name: str, networks: list[Any], shape: Any
) -> dict[str, tuple[list[Any], float]]:
    """Way -> functions of which each takes a step of one network, or of all, and the seconds of compiling."""
    from experiments.architecture_comparison.two_frameworks.clocks import flax_turn, torch_turn, vmapped_turn
    from experiments.architecture_comparison.two_frameworks.twins import flax_twin

    recipe, sizes = settings.recipe, settings.networks[name]
    twins = [flax_twin(name, sizes, shape, network) for network in networks]
    vmapped, compiling_all = vmapped_turn(twins, recipe, shape)
    first, compiling = flax_turn(twins[0], recipe, shape)
    return {
        "vmapped": ([vmapped], compiling_all),
        "one_by_one": ([first] * len(twins), compiling),  # one program serves all, whose sizes are the same
        "torch": ([torch_turn(network, recipe, shape) for network in networks], 0.0),
    }
