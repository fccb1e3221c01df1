"""Checkpoints of PyTorch, loaded with weights only and kept as one array per tensor."""

from __future__ import annotations

import pickle
import zipfile
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

    _check_stored(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:  # it explains how to run that code
        raise SourceFailedError(
            f"{path.name} is refused: it holds code, or is damaged; only tensors are read"
        ) from None
    state = state.get("state_dict", state)
    strangers = [name for name, value in state.items() if not isinstance(value, torch.Tensor)]
    if strangers:
        raise SourceFailedError(f"{path.name} holds other things than tensors: {', '.join(strangers)}")
    size = path.stat().st_size
    large = [name for name, tensor in state.items() if tensor.numel() * tensor.element_size() > size]
    if large:  # a few bytes, repeated without end
        raise SourceFailedError(f"{path.name} has tensors larger than itself: {', '.join(large)}")
    return dict(state)


def _check_stored(path: Path) -> None:
    """Refuse a checkpoint that unpacks to more than itself: torch packs its tensors without compression."""
    if not zipfile.is_zipfile(path):
        return  # the format before torch 1.6, which isn't compressed either
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > path.stat().st_size:
            raise SourceFailedError(f"{path.name} unpacks to more than itself")
