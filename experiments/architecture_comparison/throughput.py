"""Step `throughput`: networks of any of the track's architectures, timed in turns within one process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from pydantic import Field

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, suggest
from experiments.architecture_comparison.facts import ThroughputFacts
from experiments.architecture_comparison.settings import RecipeSettings


class Settings(StrictModel):
    """What takes turns; conditions name the `network`.

    Attributes:
        networks: architecture -> name -> its settings; the step `uses` each architecture.
        batches: of each network in a round.
        rounds: turns of each; one more before them, to warm up, doesn't count.
    """

    channels: int = 3
    side: int
    classes: int
    recipe: RecipeSettings
    networks: dict[Name, dict[Name, dict[str, Any]]]
    batches: int = Field(ge=1)
    rounds: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield how many images each network was trained on and classified, and the seconds of either."""
    from experiments.architecture_comparison.cost import multiply_adds, parameter_count
    from experiments.architecture_comparison.networks import fresh_network
    from experiments.architecture_comparison.shapes import ImageShape
    from experiments.architecture_comparison.turns import take_turns

    settings = job.settings
    check_architectures(settings.networks, job.modules)
    shape = ImageShape(settings.channels, settings.side, settings.classes)
    networks = {
        name: fresh_network(job.modules[architecture], named, name, shape, job.seed)
        for architecture, named in settings.networks.items()
        for name in named
    }
    seconds = take_turns(networks, shape, settings.recipe, settings.batches, settings.rounds)
    images = settings.rounds * settings.batches * settings.recipe.batch_size
    for condition in job.conditions:
        name = str(condition["network"])
        if name not in networks:
            raise BadInputError(f"There is no network '{name}' under 'networks'.{suggest(name, networks)}")
        facts = ThroughputFacts(
            network=name,
            parameters=parameter_count(networks[name]),
            multiply_adds=multiply_adds(networks[name], shape),
            side=settings.side,
            batch_size=settings.recipe.batch_size,
            batches=settings.batches,
            rounds=settings.rounds,
        )
        yield Result(condition, {"images": float(images)}, facts, timings=seconds[name])


def check_architectures(
    networks: Mapping[str, Mapping[str, object]], modules: Mapping[str, ModuleType]
) -> None:
    """Raise BadInputError for one that the step doesn't use, and for a name that two of them give."""
    seen: dict[str, str] = {}
    for architecture, named in networks.items():
        if architecture not in modules:
            raise BadInputError(
                f"'networks' has the architecture '{architecture}', which the step doesn't use; add it under "
                f"'uses'.{suggest(architecture, modules)}"
            )
        for name in named:
            if name in seen:
                raise BadInputError(
                    f"'{seen[name]}' and '{architecture}' both have a network '{name}'; rename one of them."
                )
            seen[name] = architecture
