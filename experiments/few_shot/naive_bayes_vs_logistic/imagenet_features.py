"""Step of features of EfficientNet-Lite0, trained on ImageNet by others: outside data, as its facts say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from common.data.arrays import load
from common.data.manifests import read_manifest
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.few_shot.naive_bayes_vs_logistic.data_parts import DataSettings

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import Encoder

CHECKPOINT = "efficientnet_lite0"
CENTRE, SPAN = (
    127.5,
    127.5,
)  # inputs in [-1, 1], as the checkpoint was trained: timm's mean and deviation of 0.5


class Settings(StrictModel):
    """The images, and the side in pixels to which they are brought."""

    data: DataSettings
    checkpoint: str
    resolution: int = Field(ge=32)
    batch_size: int = Field(ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the pooled features of the pool and of the test images as the artefact."""
    from common.training.device import best_device, place
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


def load_efficientnet(checkpoint: str, root: Path) -> nn.Module:
    """timm's network with the published weights: tensors of other names, but the same order and shapes.

    It maps `[n, 3, h, w]` to features `[n, 1280]`. Raises BadInputError where the tensors don't fit.
    """
    import numpy as np
    import timm
    import torch

    network: nn.Module = timm.create_model("tf_efficientnet_lite0")
    arrays = load(checkpoint, root)
    names = read_manifest(checkpoint, root).facts["tensors"]
    assert isinstance(names, list)  # the decoder of checkpoints keeps their order there
    state = network.state_dict()
    tensors = [torch.from_numpy(np.array(arrays[str(name)])) for name in names]
    if [tensor.shape for tensor in tensors] != [tensor.shape for tensor in state.values()]:
        raise BadInputError(
            f"The tensors of {checkpoint} aren't those of timm's tf_efficientnet_lite0, in number, order "
            f"or shape; use the versions of both that requirements.txt and sources.yaml say."
        )
    network.load_state_dict(dict(zip(state, tensors, strict=True)))
    network.reset_classifier(0)  # type: ignore[operator]
    return network


def _encoder(network: nn.Module, settings: Settings, device: torch.device) -> Encoder:
    import torch
    from torch.nn import functional as F

    def resized(images: Tensor) -> Tensor:
        """Float32 `[n, 3, side, side]`; one channel stands for all three colours."""
        planes = images.permute(0, 3, 1, 2).float().expand(-1, 3, -1, -1)
        side = (settings.resolution, settings.resolution)
        larger = F.interpolate(planes, side, mode="bicubic", align_corners=False).clamp(0, 255)
        return ((larger - CENTRE) / SPAN).contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def encoder(images):  # type: ignore[no-untyped-def]
        batches = torch.from_numpy(images).to(device).split(settings.batch_size)
        return torch.cat([network(resized(batch)) for batch in batches]).float().cpu().numpy()

    return encoder
