"""One network from its initialisation to its accuracy: what tuning and comparison share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from common.checkpoints import Progress
from common.runs.job import Job
from common.training.device import best_device, place
from experiments.architecture_comparison.cost import multiply_adds, parameter_count
from experiments.architecture_comparison.facts import NetworkFacts
from experiments.architecture_comparison.images import Judged, Study, open_study
from experiments.architecture_comparison.networks import fresh_network
from experiments.architecture_comparison.recipe import Training, accuracy
from experiments.architecture_comparison.settings import ComparisonSettings


@dataclass(frozen=True)
class Trial:
    """A trained network, its accuracy on the judged images in percent, and each epoch's loss."""

    network: nn.Module
    accuracy: float
    losses: list[float]


def open_job(job: Job[Any], judged: Judged) -> Study:
    """The images of a job's seed, on the best device."""
    settings: ComparisonSettings = job.settings
    return open_study(settings.data, job.root, job.folders, job.seed, judged, settings.recipe, best_device())


def build(job: Job[Any], study: Study, name: str) -> nn.Module:
    """The network `name` of the job's architecture, initialised by its seed; on the images' device."""
    settings: ComparisonSettings = job.settings
    assert job.implementation is not None  # the step's methods are modules
    network = fresh_network(
        job.implementation, settings.networks, name, study.shape, job.seed, settings.largest_parameters
    )
    return place(network, study.training.images.device)


def trained(
    job: Job[Any], study: Study, name: str, learning_rate: float, progress: Progress | None = None
) -> Trial:
    """Train the network `name` with the job's recipe, and judge it."""
    network = build(job, study, name)
    losses = Training(network, job.settings.recipe, learning_rate, job.seed).run(study.training, progress)
    return Trial(network, accuracy(network, study.judged), losses)


def network_facts(
    job: Job[Any],
    study: Study,
    name: str,
    network: nn.Module,
    judged: Judged,
    rate_from: Literal["validation", "given"],
) -> NetworkFacts:
    """What was trained, how, and what it was judged on."""
    settings: ComparisonSettings = job.settings
    recipe = settings.recipe
    shared = {"optimiser", "epochs", "batch_size", "weight_decay", "label_smoothing", "mixup", "cutmix"}
    shared.add("largest_gradient")
    return NetworkFacts(
        dataset=settings.data.dataset,
        classes=study.shape.classes,
        side=study.shape.side,
        training_images=len(study.training),
        judged_images=len(study.judged),
        judged_on=judged,
        recipe=recipe.name,
        crop_margin=recipe.margin,
        random_augment=recipe.random_augment,
        erasing=recipe.erasing,
        drop_path=recipe.drop_path,
        learning_rate_from=rate_from,
        network=name,
        parameters=parameter_count(network),
        multiply_adds=multiply_adds(network, study.shape),
        **{key: getattr(recipe, key) for key in sorted(shared)},
    )
