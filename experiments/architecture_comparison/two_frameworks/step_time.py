"""Step `step_time`: training steps in torch and in Flax, in turns within one process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, cast

from pydantic import Field

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import StrictModel
from experiments.architecture_comparison.settings import RecipeSettings
from experiments.architecture_comparison.two_frameworks.facts import Framework, StepTimeFacts


class Settings(StrictModel):
    """What takes turns; conditions name the `network`, an architecture, and the `framework`.

    Attributes:
        steps: of each network and framework in a round.
        rounds: turns of each; one more before them, to warm up, doesn't count.
    """

    channels: int
    side: int
    classes: int
    recipe: RecipeSettings
    networks: dict[Name, dict[str, Any]] = Field(min_length=1)
    steps: int = Field(ge=1)
    rounds: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the images trained on, and the seconds of training and of compilation."""
    from experiments.architecture_comparison.cost import multiply_adds, parameter_count
    from experiments.architecture_comparison.shapes import ImageShape
    from experiments.architecture_comparison.two_frameworks.clocks import flax_turn, seconds_of, torch_turn
    from experiments.architecture_comparison.two_frameworks.twins import flax_twin, torch_network

    settings, recipe = job.settings, job.settings.recipe
    shape = ImageShape(settings.channels, settings.side, settings.classes)
    turns, facts = {}, {}
    compilation: dict[tuple[str, str], float] = defaultdict(float)
    for name, sizes in settings.networks.items():
        network = torch_network(name, sizes, shape, job.seed)
        facts[name] = {"parameters": parameter_count(network), "multiply_adds": multiply_adds(network, shape)}
        twin = flax_twin(name, sizes, shape, network)
        turns[name, "torch"] = torch_turn(network, recipe, shape)
        turns[name, "flax"], compilation[name, "flax"] = flax_turn(twin, recipe, shape)
    training: dict[tuple[str, str], float] = defaultdict(float)
    for turn in range(settings.rounds + 1):
        for which, step in turns.items():
            spent = seconds_of(step, settings.steps)
            training[which] += spent if turn else 0.0
    images = float(settings.rounds * settings.steps * recipe.batch_size)
    for condition in job.conditions:
        name, framework = str(condition["network"]), cast(Framework, condition["framework"])
        of_step = StepTimeFacts(
            network=name, framework=framework, side=settings.side, batch_size=recipe.batch_size,
            batches=settings.steps, rounds=settings.rounds, **facts[name],
        )  # fmt: skip
        timings = {"training": training[name, framework], "compilation": compilation[name, framework]}
        yield Result(condition, {"images": images}, of_step, timings=timings)
