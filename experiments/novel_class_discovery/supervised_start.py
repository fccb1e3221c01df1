"""Step `supervised…`: stage 1, a classifier of the known classes, which all methods start from.

Fini et al. 2021 (arXiv 2108.08536), section 3: cross-entropy of cosines with unit prototypes over a
temperature.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import DescentSettings
from experiments.novel_class_discovery.image_settings import ImageSettings
from experiments.novel_class_discovery.protocol import TaskFacts

if TYPE_CHECKING:
    from torch import Tensor

    from common.training.image_set import Batch, ImageSet
    from experiments.novel_class_discovery.network import KnownClassifier


class Settings(StrictModel):
    """What is trained, and how.

    Attributes:
        training_rate: the highest learning rate.
        temperature: that cosines are divided by.
    """

    data: ImageSettings
    backbone: str
    training: DescentSettings
    training_rate: float = Field(gt=0)
    temperature: float = Field(default=0.1, gt=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the classifier as the artefact, and yield its accuracy on test images of known classes."""
    from common.training.descent import Descent
    from common.training.device import best_device
    from common.training.seeding import generator
    from experiments.novel_class_discovery.image_splits import load_image_split

    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its classifier in: name it.")
    settings = job.settings
    split = load_image_split(settings.data, job.root, job.folders, job.seed, best_device())
    network = fresh_classifier(settings.backbone, split.known, split.channels, job.seed)

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        from torch.nn import functional as F

        return F.cross_entropy(logits / settings.temperature, batch.labels)

    descent = Descent(network, settings.training, settings.training_rate, loss)
    descent.after_step = network.prototypes.renew
    order = generator(job.seed, "supervised training")
    losses = descent.run(split.labelled, order, job.checkpoints.progress("training"))
    save(network, settings.training.epochs, job)
    metrics = {
        "training_accuracy": known_accuracy(network, split.labelled, split.known),
        "known_accuracy": known_accuracy(network, split.test, split.known),
    }
    facts = TaskFacts(
        dataset=settings.data.dataset,
        setting="ncd",
        split=settings.data.split_name,
        known_classes=split.known,
        novel_classes=split.novel,
        labelled_rows=len(split.labelled),
        unlabelled_rows=0,
        evaluated_rows=int((split.test.labels < split.known).sum()),
        evaluated="test",
        inference="inductive",
    )
    yield Result(job.conditions[0], metrics, facts, {"training_loss": losses})


def fresh_classifier(backbone: str, known: int, channels: int, seed: int) -> KnownClassifier:
    """As its initialisation by the seed left it, on the best device."""
    from common.training.device import best_device, place
    from common.training.seeding import seeded_initialisation
    from experiments.novel_class_discovery.network import KnownClassifier

    with seeded_initialisation(seed):
        network = KnownClassifier(backbone, known, channels)
    place(network, best_device())
    return network


def known_accuracy(network: KnownClassifier, images: ImageSet, known: int) -> float:
    """Percent right among images of known classes, of which alone the classifier knows."""
    import torch

    from common.training.descent import predict

    images = images.subset(torch.nonzero(images.labels < known)[:, 0])
    return float((predict(network, images).argmax(1) == images.labels).double().mean() * 100)


def save(network: KnownClassifier, passes: int, job: Job[Settings]) -> None:
    """Write tensors and plain values only, so that loading needs no pickled code."""
    from common.atomic import replacing
    from common.models.saving import save_tensors

    assert job.artefact is not None  # the step was checked for it
    state = {name: value.detach().cpu() for name, value in network.state_dict().items()}
    with replacing(job.artefact) as temporary:
        save_tensors({"state": state, "passes": passes}, temporary)
