"""Step `training`: the same network, weights, batches and recipe in torch or in Flax."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, suggest
from experiments.architecture_comparison.settings import DataSettings, RecipeSettings
from experiments.architecture_comparison.two_frameworks.facts import Framework, FrameworkFacts

if TYPE_CHECKING:
    from torch import nn

    from experiments.architecture_comparison.images import Study


class Settings(StrictModel):
    """What is trained; conditions name the `network`, which is an architecture.

    Attributes:
        networks: architecture -> its settings.
        learning_rates: architecture -> the highest rate.
    """

    framework: Framework
    data: DataSettings
    recipe: RecipeSettings
    networks: dict[Name, dict[str, Any]] = Field(min_length=1)
    learning_rates: dict[Name, float]


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield test accuracy, and the loss of the first and the last epoch."""
    from common.training.device import best_device
    from experiments.architecture_comparison.images import open_study
    from experiments.architecture_comparison.two_frameworks.twins import torch_network

    settings = job.settings
    study = open_study(settings.data, job.root, job.folders, job.seed, "test", settings.recipe, best_device())
    train = {"torch": _in_torch, "flax": _in_flax}[settings.framework]
    for condition in job.conditions:
        name = str(condition["network"])
        if name not in settings.networks or name not in settings.learning_rates:
            known = [name for name in settings.networks if name in settings.learning_rates]
            raise BadInputError(
                f"'{name}' isn't under both 'networks' and 'learning_rates'.{suggest(name, known)}"
            )
        network = torch_network(name, settings.networks[name], study.shape, job.seed)
        facts = _facts(settings, study, name, network)
        accuracy, losses = train(job, study, name, network)
        metrics = {"accuracy": accuracy, "first_loss": losses[0], "last_loss": losses[-1]}
        yield Result(condition, metrics, facts, {"training_loss": losses})


def _in_torch(job: Job[Settings], study: Study, name: str, network: nn.Module) -> tuple[float, list[float]]:
    from common.training.device import place
    from experiments.architecture_comparison.recipe import Training, accuracy

    settings, placed = job.settings, place(network, study.training.images.device)
    losses = Training(placed, settings.recipe, settings.learning_rates[name], job.seed).run(study.training)
    return accuracy(placed, study.judged), losses


def _in_flax(job: Job[Settings], study: Study, name: str, network: nn.Module) -> tuple[float, list[float]]:
    from experiments.architecture_comparison.two_frameworks.flax_training import FlaxTraining
    from experiments.architecture_comparison.two_frameworks.twins import flax_twin

    settings = job.settings
    twin = flax_twin(name, settings.networks[name], study.shape, network)
    training = FlaxTraining(twin, settings.recipe, settings.learning_rates[name], job.seed)
    losses = training.run(study.training)
    return training.accuracy(study.judged), losses


def _facts(settings: Settings, study: Study, name: str, network: nn.Module) -> FrameworkFacts:
    from experiments.architecture_comparison.cost import multiply_adds, parameter_count

    recipe = settings.recipe
    shared = ("optimiser", "epochs", "batch_size", "weight_decay", "label_smoothing", "mixup", "cutmix")
    return FrameworkFacts(
        framework=settings.framework,
        dataset=settings.data.dataset,
        classes=study.shape.classes,
        side=study.shape.side,
        training_images=len(study.training),
        judged_images=len(study.judged),
        judged_on="test",
        recipe=recipe.name,
        crop_margin=recipe.margin,
        random_augment=recipe.random_augment,
        erasing=recipe.erasing,
        drop_path=recipe.drop_path,
        learning_rate_from="given",
        network=name,
        parameters=parameter_count(network),
        multiply_adds=multiply_adds(network, study.shape),
        **{key: getattr(recipe, key) for key in shared},
    )
