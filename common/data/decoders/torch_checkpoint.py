"""Checkpoints of PyTorch, loaded with weights only and kept as one array per tensor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.data.decoders import Decoded
from common.data.failures import SourceFailedError


def decode(files: Mapping[str, Path]) -> Decoded:
    """Every tensor of the one checkpoint under its own name; the fact `tensors` keeps their order.

    A `state_dict` inside the checkpoint is taken out of it, and the prefix `module.` that
    `torch.nn.DataParallel` leaves is dropped.
    """
    (path,) = files.values()
    tensors = {name.removeprefix("module."): tensor for name, tensor in _state(path).items()}
    arrays = ((name, tensor.numpy()) for name, tensor in tensors.items())
    return Decoded(arrays, {"tensors": list(tensors)})


def _state(path: Path) -> dict[str, Any]:
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    state = state.get("state_dict", state)
    strangers = [name for name, value in state.items() if not isinstance(value, torch.Tensor)]
    if strangers:
        raise SourceFailedError(f"{path.name} holds other things than tensors: {', '.join(strangers)}")
    return dict(state)
