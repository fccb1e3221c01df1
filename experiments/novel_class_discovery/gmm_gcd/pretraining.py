"""Step `pretraining_<data set>`: the network that all methods begin with, from images without any label.

It stands for DINO's, and is one for all seeds, as that is. InfoNCE of two views alone, on images that no
other step has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import DescentSettings
from experiments.novel_class_discovery.gcd_images import GcdSettings
from experiments.novel_class_discovery.gmm_gcd.facts import LossFacts
from experiments.novel_class_discovery.gmm_gcd.settings import NetworkSettings

if TYPE_CHECKING:
    from torch import Tensor

    from common.training.image_set import Batch


class Settings(StrictModel):
    """The images, the network, and its training."""

    dataset: str
    data: GcdSettings
    network: NetworkSettings
    temperature: float = Field(gt=0)
    training: DescentSettings
    learning_rate: float = Field(gt=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the backbone as the artefact, and yield the last loss."""
    from common.atomic import replacing
    from common.models.saving import save_tensors
    from common.training.descent import Descent
    from common.training.device import best_device
    from common.training.seeding import generator
    from experiments.novel_class_discovery.contrastive import info_nce
    from experiments.novel_class_discovery.gcd_images import load_gcd_images
    from experiments.novel_class_discovery.gmm_gcd.learning import fresh_network
    from experiments.novel_class_discovery.view_batches import two_views

    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its network in: name it.")
    settings = job.settings
    images = load_gcd_images(settings.dataset, settings.data, job.root, job.seed, best_device())
    network = fresh_network(settings.network, images, job.seed)

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        return info_nce(network.outputs(logits).projections, settings.temperature)

    descent = Descent(network, settings.training, settings.learning_rate, loss)
    views = two_views(images.training, settings.data.jitter, 0, 0)
    losses = descent.run(views, generator(job.seed, "pretraining"), job.checkpoints.progress("training"))
    state = {name: value.detach().cpu() for name, value in network.backbone.state_dict().items()}
    with replacing(job.artefact) as temporary:
        save_tensors(state, temporary)
    yield Result(
        job.conditions[0],
        {"contrastive_loss": losses[-1]},
        LossFacts(
            dataset=settings.dataset,
            images=len(images.training),
            passes=settings.training.epochs,
            backbone=settings.network.backbone,
        ),
        {"training_loss": losses},
    )
