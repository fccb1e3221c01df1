"""Step `exactness`: every circular shift of some test images, through networks with random weights.

Nothing here is random: the condition names the seed of the weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.settings import DataSettings, RecipeSettings


class Settings(StrictModel):
    """What is shifted; conditions name `network` and `weights`, the seed of its initialisation.

    Attributes:
        images: the first so many test images.
    """

    data: DataSettings
    recipe: RecipeSettings
    networks: dict[Name, dict[str, Any]] = Field(min_length=1)
    images: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the share of unchanged answers, and the largest change of a logit."""
    from experiments.architecture_comparison.images import open_study
    from experiments.architecture_comparison.networks import fresh_network
    from experiments.architecture_comparison.polyphase_anchoring.consistency import all_shifts, shifted_logits
    from experiments.architecture_comparison.polyphase_anchoring.facts import ExactFacts

    settings = job.settings
    if job.implementation is None:
        raise BadInputError(f"Step '{job.step}' needs 'method_modules: true'; its methods are architectures.")
    study = open_study(settings.data, job.root, job.folders, 0, "test", settings.recipe)
    batch = next(study.judged.clean(settings.images))
    shifts = all_shifts(study.shape.side)
    for condition in job.conditions:
        name, weights = str(condition["network"]), int(condition["weights"])
        network = fresh_network(job.implementation, settings.networks, name, study.shape, weights)
        (still,) = shifted_logits(network, batch.images, [(0, 0)])
        unchanged, largest = 0, 0.0
        for logits in shifted_logits(network, batch.images, shifts):
            unchanged += int((logits.argmax(1) == still.argmax(1)).sum())
            largest = max(largest, float((logits - still).abs().max()))
        answers = len(shifts) * len(batch.labels)
        metrics = {"consistency": 100 * unchanged / answers, "largest_change": largest}
        facts = ExactFacts(
            dataset=settings.data.dataset,
            side=study.shape.side,
            images=len(batch.labels),
            shifts=len(shifts),
            network=name,
        )
        yield Result(condition, metrics, facts)
