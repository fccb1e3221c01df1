"""Step `throughput`: DHVT, a ViT and a ResNet of matched parameters, timed in turns within one process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import StrictModel
from experiments.architecture_comparison.facts import ThroughputFacts
from experiments.architecture_comparison.settings import RecipeSettings


class Settings(StrictModel):
    """What takes turns; conditions name the `network`.

    Attributes:
        networks: architecture -> name -> its settings.
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
    from experiments.architecture_comparison.baselines import resnet, vit
    from experiments.architecture_comparison.cost import multiply_adds, parameter_count
    from experiments.architecture_comparison.dhvt.methods import dhvt
    from experiments.architecture_comparison.networks import fresh_network
    from experiments.architecture_comparison.shapes import ImageShape
    from experiments.architecture_comparison.turns import take_turns

    settings = job.settings
    shape = ImageShape(settings.channels, settings.side, settings.classes)
    modules = {"dhvt": dhvt, "resnet": resnet, "vit": vit}
    networks = {
        name: fresh_network(modules[architecture], named, name, shape, job.seed)
        for architecture, named in settings.networks.items()
        for name in named
    }
    seconds = take_turns(networks, shape, settings.recipe, settings.batches, settings.rounds)
    images = settings.rounds * settings.batches * settings.recipe.batch_size
    for condition in job.conditions:
        name = str(condition["network"])
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
