"""A network of the study, trained, with all that scores are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import nn

from common.checkpoints import Progress
from common.runs.job import Job
from experiments.novel_class_discovery.osr_closed_set.images import OpenSetImages
from experiments.novel_class_discovery.osr_closed_set.networks import fresh_network
from experiments.novel_class_discovery.osr_closed_set.outputs import Outputs, outputs_of
from experiments.novel_class_discovery.osr_closed_set.training import train

if TYPE_CHECKING:
    from experiments.novel_class_discovery.osr_closed_set.open_set import Settings


@dataclass(frozen=True)
class Trained:
    """What a network makes of the images, and the mean loss of each of its epochs."""

    training: Outputs
    validation: Outputs | None
    known: Outputs
    unknown: Outputs
    losses: list[float]


def trained(job: Job[Settings], name: str, images: OpenSetImages) -> Trained:
    """Train the network called `name`, or take it up from a checkpoint, and run it on all images."""
    settings = job.settings
    recipe, device = settings.networks[name], images.training.images.device
    classes = len(images.split.known)
    network = fresh_network(recipe.network, classes, images.channels, settings.objective, job.seed, device)

    def learned(progress: Progress) -> dict[str, Any]:
        losses = train(network, images.training, recipe, job.seed, progress)
        return {"losses": losses, "network": _on_processor(network)}

    losses: list[float] = []
    if recipe.epochs:
        found = job.checkpoints.kept(name, learned)
        network.load_state_dict(found["network"])
        losses = found["losses"]
    validation = None if images.validation is None else outputs_of(network, images.validation)
    return Trained(
        outputs_of(network, images.training),
        validation,
        outputs_of(network, images.known),
        outputs_of(network, images.unknown),
        losses,
    )


def _on_processor(network: nn.Module) -> dict[str, Any]:
    return {name: tensor.cpu() for name, tensor in network.state_dict().items()}
