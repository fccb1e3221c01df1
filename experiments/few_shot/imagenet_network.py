"""EfficientNet-Lite0, trained on ImageNet by others: outside data, wherever it is used.

Tan and Le: EfficientNet, ICML 2019, arXiv 1905.11946; the Lite variants are Google's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.data.arrays import load
from common.data.manifests import read_manifest
from common.strict import BadInputError

# Inputs in [-1, 1], as the checkpoint was trained: timm's mean and deviation of 0.5.
CENTRE, SPAN = 127.5, 127.5


def load_efficientnet(checkpoint: str, root: Path) -> nn.Module:
    """timm's network with the published weights: tensors of other names, but the same order and shapes.

    It maps `[n, 3, h, w]` to features `[n, 1280]`. Raises BadInputError where the tensors don't fit.
    """
    import timm

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


def network_input(images: Tensor, side: int) -> Tensor:
    """Float32 `[n, 3, side, side]` of bytes `[n, h, w, channels]`; one channel stands for all three."""
    planes = images.permute(0, 3, 1, 2).float().expand(-1, 3, -1, -1)
    larger = F.interpolate(planes, (side, side), mode="bicubic", align_corners=False).clamp(0, 255)
    return ((larger - CENTRE) / SPAN).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def pooled_features(network: nn.Module, images: Tensor, side: int, size: int = 100) -> Tensor:
    """Float32 `[n, 1280]`, on the CPU, of bytes `[n, h, w, channels]` brought to `side` pixels."""
    return torch.cat([network(network_input(batch, side)).float().cpu() for batch in images.split(size)])
