"""A source network with the standardisation of its images, saved to and loaded from one file."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from common.models.registry import small_image_network
from common.models.saving import save_tensors
from common.strict import BadInputError, suggest
from common.training.device import place
from common.training.images import Standardise
from common.training.settings import Precision
from experiments.test_time_adaptation.timm_network import TimmNetwork


@dataclass(frozen=True)
class SourceModel:
    """What is adapted: the network is in evaluation mode and is never changed, only copied."""

    name: str
    classes: int
    network: nn.Module
    standardise: Standardise
    weights: str = "trained_here"
    training_precision: Precision | None = None  # None where it isn't known

    def copy_network(self) -> nn.Module:
        """A copy of the network to adapt: the reset of the protocol."""
        return copy.deepcopy(self.network)

    def save(self, path: Path) -> None:
        """Write tensors and plain values only, so that loading needs no pickled code."""
        state = {name: value.cpu().contiguous() for name, value in self.network.state_dict().items()}
        save_tensors(
            {
                "name": self.name,
                "classes": self.classes,
                "weights": self.weights,
                "training_precision": self.training_precision,
                "state": state,
                "mean": self.standardise.mean.cpu(),
                "deviation": self.standardise.deviation.cpu(),
            },
            path,
        )

    @classmethod
    def load(cls, path: Path, device: torch.device) -> SourceModel:
        """Read what `save` wrote, onto `device`."""
        saved = torch.load(path, weights_only=True)
        network = small_image_network(saved["name"], saved["classes"])
        network.load_state_dict(saved["state"])
        return cls(
            saved["name"],
            saved["classes"],
            place(network, device).eval(),
            Standardise(saved["mean"], saved["deviation"]),
            weights=saved["weights"],
            training_precision=saved["training_precision"],
        )

    @classmethod
    def from_timm(cls, name: str, device: torch.device) -> SourceModel:
        """A network of timm with its published weights, and the standardisation that they expect.

        Raises BadInputError where there is no such network, or its weights can't be had.
        """
        import timm

        if name not in timm.list_pretrained():
            known = timm.list_pretrained(f"{name[:4]}*")
            raise BadInputError(f"timm has no pretrained network '{name}'.{suggest(name, known)}")
        try:
            network: Any = timm.create_model(name, pretrained=True)
        except OSError as error:
            raise BadInputError(
                f"timm can't fetch the weights of {name} ({error}). Go online, or bring its cache."
            ) from None
        mean, deviation = (255 * torch.tensor(network.pretrained_cfg[key]) for key in ("mean", "std"))
        standardise, classes = Standardise(mean, deviation), network.num_classes
        return cls(name, classes, place(TimmNetwork(network), device).eval(), standardise, weights=name)
