"""Steps of features of a network trained here: on the labels of the same classes, or on rotations.

Rotations: Gidaris, Singh, Komodakis, Unsupervised Representation Learning by Predicting Image Rotations, ICLR
2018, arXiv:1803.07728: each image is turned by 0, 90, 180 and 270 degrees, and the network tells by how much.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel
from common.training.settings import DescentSettings
from experiments.few_shot.naive_bayes_vs_logistic.data_parts import DataSettings, training_part

if TYPE_CHECKING:
    import torch

    from common.training.image_set import ImageSet
    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import Encoder

TURNS = 4  # quarter turns


class Settings(StrictModel):
    """The network, what it is trained to tell, and how.

    Attributes:
        margin: of black pixels around an image, of which random crops are taken.
        learning_rate: the highest.
    """

    data: DataSettings
    network: str
    task: Literal["labels", "rotations"]
    margin: int = Field(ge=0)
    training: DescentSettings
    learning_rate: float = Field(gt=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train, and keep the penultimate features of the pool and of the test images as the artefact."""
    import torch

    from common.models.registry import small_image_network
    from common.training.descent import Descent
    from common.training.device import best_device, place
    from common.training.image_set import ImageSet
    from common.training.images import Standardise
    from common.training.seeding import generator, seeded_initialisation
    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import encode

    settings, device = job.settings, best_device()
    bytes_, classes = training_part(settings.data, settings.data.feature_images, job.root)
    images, labels = torch.from_numpy(bytes_).to(device), torch.from_numpy(classes).to(device)
    training = ImageSet(images, labels, Standardise.of(images), settings.margin)
    count = settings.data.classes
    if settings.task == "rotations":
        training, count = turned(training), TURNS
    with seeded_initialisation(job.seed):
        network = small_image_network(settings.network, count, images.shape[3])
    network = place(network, device)
    losses = Descent(network, settings.training, settings.learning_rate).run(
        training, generator(job.seed, "order")
    )
    yield encode(
        job,
        settings.data,
        _encoder(network.eval(), training, device),
        {"training_loss": losses[-1]},
        learned_from=settings.task,
        outside_data=False,
    )


def turned(images: ImageSet) -> ImageSet:
    """Every image four times, at each quarter turn, labelled with their number.

    Not mirrored: `margin` would mirror at random, which is no change for turns but for their direction, so
    it is dropped with the crops.
    """
    from dataclasses import replace

    import torch

    turns = [torch.rot90(images.images, turn, (1, 2)) for turn in range(TURNS)]
    labels = torch.arange(TURNS, device=images.labels.device).repeat_interleave(len(images))
    return replace(images, images=torch.cat(turns), labels=labels, margin=0)


def _encoder(network: torch.nn.Module, training: ImageSet, device: torch.device) -> Encoder:
    """Penultimate features, in evaluation mode, standardised as in training."""
    import torch

    from common.training.image_set import ImageSet

    @torch.no_grad()
    def encoder(images):  # type: ignore[no-untyped-def]
        pixels = torch.from_numpy(images).to(device)
        unlabelled = torch.zeros(len(pixels), dtype=torch.int64, device=device)
        batches = ImageSet(pixels, unlabelled, training.standardise).clean()
        return torch.cat([network.features(batch.images) for batch in batches]).cpu().numpy()  # type: ignore[operator]

    return encoder
