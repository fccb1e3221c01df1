"""Step `original`: train the network on all training images; methods then make it forget some of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import DescentSettings
from experiments.unlearning.protocol import TrainingFacts
from experiments.unlearning.settings import DataSettings

if TYPE_CHECKING:
    from experiments.unlearning.splits import Splits


class Settings(StrictModel):
    """What is trained, and how.

    Attributes:
        training_rate: learning rate at the first step.
        early_epochs: after so many epochs the network is kept too, for EL2N and GraNd.
    """

    data: DataSettings
    training: DescentSettings
    training_rate: float = Field(gt=0)
    early_epochs: int = Field(ge=1)

    @model_validator(mode="after")
    def _early_comes_before_the_end(self) -> Settings:
        if self.early_epochs >= self.training.epochs:
            raise ValueError(f"'early_epochs' must be below the {self.training.epochs} epochs of training")
        return self


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train, keep the network as the artefact, and yield its accuracies."""
    import torch

    from common.training.descent import Descent, predict
    from common.training.device import best_device
    from common.training.image_set import Batch
    from common.training.seeding import generator
    from experiments.unlearning.splits import load_splits
    from experiments.unlearning.trained_model import TrainedModel, fresh_network, state_of

    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its network in: name it original.pt."
        )
    settings, device = job.settings, best_device()
    splits = load_splits(settings.data, job.root, device)
    network = fresh_network(settings.data, splits.channels, job.seed, device)
    seen = torch.zeros(settings.training.epochs, len(splits.train), dtype=torch.bool, device=device)
    memory: dict[str, Any] = {"correct": seen}

    def observe(batch: Batch, logits: torch.Tensor, epoch: int) -> None:
        if epoch == settings.early_epochs and "early" not in memory:
            memory["early"] = state_of(network)
        memory["correct"][epoch, batch.places] = logits.argmax(dim=1) == batch.labels

    descent = Descent(network, settings.training, settings.training_rate, observe=observe, memory=memory)
    losses = descent.run(splits.train, generator(job.seed, "original"), job.checkpoints.progress("training"))
    correct = memory["correct"]
    TrainedModel(settings.data.network, network.eval(), memory["early"], correct).save(job.artefact)
    parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    yield Result(
        condition=job.conditions[0],
        metrics={
            f"{name}_accuracy": float((predict(network, part).argmax(1) == part.labels).double().mean() * 100)
            for name, part in parts.items()
        },
        protocol=training_facts(settings.data, settings.training, splits),
        curves={"training_loss": losses, "training_accuracy": (100 * correct.double().mean(dim=1)).tolist()},
    )


def training_facts(data: DataSettings, training: DescentSettings, splits: Splits) -> TrainingFacts:
    """The facts of a network trained on all training images."""
    return TrainingFacts(
        dataset=data.dataset,
        network=data.network,
        training_images=len(splits.train),
        test_images=len(splits.test),
        epochs=training.epochs,
        augmentation=data.margin > 0,
        precision=training.precision,
    )
