"""One job of the track, ready to unlearn any forget set: its data, original model and forget sets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from common.records.schema import Scalar
from common.runs.job import Job
from common.strict import BadInputError
from common.training.device import best_device
from common.training.seeding import stream_seed
from common.training.settings import DescentSettings
from experiments.unlearning.forget_sets import ForgetSets
from experiments.unlearning.settings import DataSettings, MembershipSettings
from experiments.unlearning.splits import Splits, load_splits
from experiments.unlearning.trained_model import TrainedModel, fresh_network


class SessionSettings(Protocol):
    """The settings that every step with a forget set has."""

    data: DataSettings
    membership: MembershipSettings
    training: DescentSettings
    training_rate: float


@dataclass(frozen=True)
class Session:
    """What all cells of a job share."""

    job: Job[Any]
    settings: Any  # SessionSettings
    splits: Splits
    original: TrainedModel
    forget_sets: ForgetSets
    device: torch.device

    def forget(self, condition: dict[str, Scalar]) -> Tensor:
        """Places `[m]` of the condition's forget set among the training images."""
        return torch.from_numpy(
            self.forget_sets.places(str(condition["forget_set"]), float(condition["ratio"]))
        )

    def fresh_network(self, stream: str) -> nn.Module:
        """An untrained network, another for each seed and stream."""
        seed = stream_seed(self.job.seed, stream)
        return fresh_network(self.settings.data, self.splits.channels, seed, self.device)


def open_session(job: Job[Any]) -> Session:
    """Load the data, the original model and the forget sets; raises BadInputError where one is missing."""
    settings, device = job.settings, best_device()
    splits = load_splits(settings.data, job.root, device)
    original = TrainedModel.load(artefact(job, "original.pt"), settings.data, splits.channels, device)
    sets = ForgetSets.load(artefact(job, "forget_sets.npz"))
    return Session(job, settings, splits, original, sets, device)


def artefact(job: Job[Any], name: str) -> Path:
    """The needed artefact of that file name; raises BadInputError where no step in `needs` makes it."""
    for path in job.inputs.values():
        if path.name == name:
            return path
    raise BadInputError(f"Step '{job.step}' reads {name}: add the step that makes it to its 'needs'.")
