"""Step of features of EfficientNet-Lite0, trained on ImageNet by others: outside data, as its facts say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import StrictModel
from experiments.few_shot.naive_bayes_vs_logistic.data_parts import DataSettings

if TYPE_CHECKING:
    import torch
    from torch import nn

    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import Encoder


class Settings(StrictModel):
    """The images, and the side in pixels to which they are brought."""

    data: DataSettings
    checkpoint: str
    resolution: int = Field(ge=32)
    batch_size: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the pooled features of the pool and of the test images as the artefact."""
    from common.training.device import best_device, place
    from experiments.few_shot.imagenet_network import load_efficientnet
    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import encode

    settings, device = job.settings, best_device()
    network = place(load_efficientnet(settings.checkpoint, job.root), device).eval()
    encoder = _encoder(network, settings, device)
    yield encode(
        job,
        settings.data,
        encoder,
        {},
        learned_from="imagenet",
        outside_data=True,
        resolution=settings.resolution,
    )


def _encoder(network: nn.Module, settings: Settings, device: torch.device) -> Encoder:
    import torch

    from experiments.few_shot.imagenet_network import pooled_features

    def encoder(images):  # type: ignore[no-untyped-def]
        pixels = torch.from_numpy(images).to(device)
        return pooled_features(network, pixels, settings.resolution, settings.batch_size).numpy()

    return encoder
