"""Step `shadows`: train networks on random halves of the training images, as the original was on all of them.

They tell how an image fares with and without being trained on: for attacks on unlearning (Hayes et al. 2025,
arXiv 2403.01218), and for memorisation and consistency scores. One set of them serves all methods.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.checkpoints import Progress
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from common.training.settings import DescentSettings
from experiments.unlearning.protocol import TrainingFacts
from experiments.unlearning.settings import DataSettings

if TYPE_CHECKING:
    import torch
    from torch import nn

    from experiments.unlearning.shadow_networks import ShadowNetworks
    from experiments.unlearning.splits import Splits


class Settings(StrictModel):
    """The training is that of the original model, on half of its images.

    Attributes:
        training_rate: learning rate at the first step.
        count: of networks; an attack that leaves one out needs three with and three without each image.
    """

    data: DataSettings
    training: DescentSettings
    training_rate: float = Field(gt=0)
    count: int = Field(ge=6, multiple_of=2)


class ShadowFacts(TrainingFacts):
    """How many shadow networks there are; `training_images` are those that one has seen, on average."""

    shadows: int


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train, keep networks and margins as the artefact, and yield their mean accuracies in percent."""
    from common.training.device import best_device
    from common.training.seeding import generator
    from experiments.unlearning.original import training_facts
    from experiments.unlearning.shadow_networks import random_halves
    from experiments.unlearning.splits import load_splits

    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its networks in: name it shadows.pt."
        )
    settings = job.settings
    splits = load_splits(settings.data, job.root, best_device())
    seen = random_halves(settings.count, len(splits.train), generator(job.seed, "shadows"))
    networks = [_network(job, splits, place, half) for place, half in enumerate(seen)]
    shadows = _judge(settings, splits, networks, seen)
    shadows.save(job.artefact)
    facts = training_facts(settings.data, settings.training, splits).model_dump()
    facts["training_images"] = len(splits.train) // 2
    test_accuracies = [100 * float(_correct(network, splits)) for network in networks]
    yield Result(
        condition=job.conditions[0],
        metrics={
            "train_accuracy": 100 * float(shadows.correct[seen].double().mean()),
            "unseen_accuracy": 100 * float(shadows.correct[~seen].double().mean()),
            "test_accuracy": sum(test_accuracies) / len(test_accuracies),
        },
        protocol=ShadowFacts(**facts, shadows=settings.count),
        curves={"test_accuracy": test_accuracies},
    )


def _network(job: Job[Settings], splits: Splits, place: int, half: torch.Tensor) -> nn.Module:
    """One of them after its training, which an earlier attempt may have done."""
    from common.training.descent import Descent
    from common.training.seeding import generator, stream_seed
    from experiments.unlearning.trained_model import State, fresh_network, state_of

    settings, images = job.settings, splits.train.subset(half.nonzero().flatten())
    stream = f"shadows/{place}"
    seed, device = stream_seed(job.seed, stream), images.images.device
    network = fresh_network(settings.data, splits.channels, seed, device)

    def train(progress: Progress) -> State:
        descent = Descent(network, settings.training, settings.training_rate)
        descent.run(images, generator(job.seed, stream), progress)
        return state_of(network)

    network.load_state_dict(job.checkpoints.kept(stream, train))
    return network.eval()


def _judge(
    settings: Settings, splits: Splits, networks: list[nn.Module], seen: torch.Tensor
) -> ShadowNetworks:
    import torch

    from common.metrics.membership.margins import margins
    from common.training.descent import predict
    from experiments.unlearning.shadow_networks import ShadowNetworks
    from experiments.unlearning.trained_model import state_of

    labels = splits.train.labels.cpu()
    logits = [predict(network, splits.train).cpu() for network in networks]
    return ShadowNetworks(
        name=settings.data.network,
        states=[state_of(network) for network in networks],
        seen=seen,
        correct=torch.stack([each.argmax(dim=1) == labels for each in logits]),
        margins=torch.stack([torch.from_numpy(margins(each.numpy(), labels.numpy())) for each in logits]),
    )


def _correct(network: nn.Module, splits: Splits) -> torch.Tensor:
    """The share of test images classified correctly."""
    from common.training.descent import predict

    return (predict(network, splits.test).argmax(dim=1) == splits.test.labels).double().mean()
