"""The original model: what is unlearned from, with what was seen while it was trained."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from common.atomic import replacing
from common.models.registry import small_image_network
from common.models.saving import save_tensors
from common.strict import BadInputError
from common.training.device import place
from common.training.seeding import seeded_initialisation
from experiments.unlearning.settings import DataSettings

State = dict[str, Tensor]


def fresh_network(settings: DataSettings, channels: int, seed: int, device: torch.device) -> nn.Module:
    """An untrained network; its weights hang on `seed` alone."""
    with seeded_initialisation(seed):
        network = small_image_network(settings.network, settings.classes, channels)
    return place(network, device)


@dataclass(frozen=True)
class TrainedModel:
    """A network in evaluation mode, never changed, only copied.

    Attributes:
        name: of the architecture.
        network: after training.
        early: its state after the first few epochs, where EL2N and GraNd are measured.
        correct: bool `[epochs, n]`, whether each training image was classified correctly when last seen.
    """

    name: str
    network: nn.Module
    early: State
    correct: Tensor

    def copy_network(self) -> nn.Module:
        """A copy to change."""
        return copy.deepcopy(self.network)

    def early_network(self) -> nn.Module:
        """A copy as it was after the first few epochs, in evaluation mode."""
        network = self.copy_network()
        network.load_state_dict(self.early)
        return network

    def save(self, path: Path) -> None:
        """Write tensors and plain values only, so that loading needs no pickled code."""
        parts = {"name": self.name, "correct": self.correct.cpu()}
        with replacing(path) as temporary:
            save_tensors({**parts, "state": state_of(self.network), "early": self.early}, temporary)

    @classmethod
    def load(cls, path: Path, settings: DataSettings, channels: int, device: torch.device) -> TrainedModel:
        """Read what `save` wrote, onto `device`.

        Raises BadInputError where the file holds another architecture than `settings.network`, or one for
        other classes or channels.
        """
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if saved["name"] != settings.network:
            raise BadInputError(
                f"{path} holds a {saved['name']}, but 'network' is {settings.network}. "
                f"Delete the file to train it again, or correct 'network' in the paper's config.yaml."
            )
        network = fresh_network(settings, channels, 0, device)
        try:
            network.load_state_dict(saved["state"])
        except RuntimeError as error:
            raise BadInputError(
                f"{path} doesn't hold a {settings.network} of {settings.classes} classes and {channels} "
                f"channel(s). Delete the file to train it again. ({error})"
            ) from None
        return cls(saved["name"], network.eval(), saved["early"], saved["correct"])


def state_of(network: nn.Module) -> State:
    """A copy of all weights and statistics, on the CPU."""
    return {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
