"""Step `source_network`: train the network that is later adapted, and judge it on clean images."""

from __future__ import annotations

from collections.abc import Iterator

from common.data.arrays import load
from common.runs.job import Job, Result
from common.strict import StrictModel
from common.training.settings import TrainingSettings
from experiments.test_time_adaptation.protocol import SourceFacts


class Settings(StrictModel):
    """Which network is trained on which data set, and how."""

    dataset: str
    network: str
    classes: int
    train_images: int | None = None  # the first so many; null: all
    test_images: int | None = None
    training: TrainingSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train, save the network with its standardisation as the artefact, and yield the clean error."""
    import torch

    from common.models.registry import small_image_network
    from common.training.classifier import train_classifier
    from common.training.device import best_device, place
    from common.training.images import Standardise
    from common.training.seeding import seeded_initialisation
    from experiments.test_time_adaptation.offline import error_percent
    from experiments.test_time_adaptation.source_model import SourceModel

    settings, device = job.settings, best_device()
    arrays = load(settings.dataset, job.root)

    def part(split: str, count: int | None) -> tuple[torch.Tensor, torch.Tensor]:
        images, labels = arrays[f"{split}_images"][:count], arrays[f"{split}_labels"][:count]
        return torch.tensor(images, device=device), torch.tensor(labels, device=device)

    images, labels = part("train", settings.train_images)
    with seeded_initialisation(job.seed):
        network = small_image_network(settings.network, settings.classes)
    network = place(network, device)
    losses = train_classifier(network, images, labels, settings.training, job.seed)
    model = SourceModel(settings.network, settings.classes, network.eval(), Standardise.of(images))
    assert job.artefact is not None  # every configuration of this step names one
    model.save(job.artefact)

    test_images, test_labels = part("test", settings.test_images)
    with torch.no_grad():
        logits = torch.cat([network(batch) for batch in torch.split(model.standardise(test_images), 500)])
    yield Result(
        condition=job.conditions[0],
        metrics={"error_percent": error_percent(logits, test_labels)},
        curves={"training_loss": losses},
        protocol=SourceFacts(
            dataset=settings.dataset,
            split="test",
            images=len(test_images),
            resolution=test_images.shape[1],
            network=settings.network,
            weights="trained_here",
        ),
    )
