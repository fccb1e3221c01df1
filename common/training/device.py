"""Where tensors live: the NVIDIA GPU if there is one, else the processor."""

from __future__ import annotations

import torch
from torch import nn


def best_device() -> torch.device:
    """The GPU where torch sees one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def place(network: nn.Module, device: torch.device) -> nn.Module:
    """Move `network` to `device`, its convolutions in channels-last layout, the fast one on both kinds."""
    placed: nn.Module = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return placed
