"""Weights between torch and Flax NNX, for networks whose modules have the same names in both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
import torch
from flax import nnx
from numpy.typing import NDArray

from common.strict import BadInputError

# What layers call the same thing: NNX's name, and torch's.
_LEAVES = {"kernel": "weight", "scale": "weight", "mean": "running_mean", "var": "running_var"}
_COUNTER = "num_batches_tracked"  # torch's batch normalisation counts; nothing is computed from it


def torch_name(path: tuple[Any, ...]) -> str:
    """Name in torch of a variable at `path` in NNX, such as `stages.0.0.conv1.weight`."""
    *modules, leaf = map(str, path)
    return ".".join([*modules, _LEAVES.get(leaf, leaf)])


def from_torch(weights: Mapping[str, torch.Tensor], network: nnx.Module) -> None:
    """Give `network` the weights of a torch network's state.

    Raises BadInputError where a name is missing on either side, or a shape is another.
    """
    variables = _variables(network)
    given = {name for name in weights if not name.endswith(_COUNTER)}
    _check_names(given, {torch_name(path) for path in variables})
    for path, variable in variables.items():
        name = torch_name(path)
        value = _to_flax(weights[name].detach().cpu().numpy(), path)
        if value.shape != variable[...].shape:
            raise BadInputError(
                f"'{name}' is {value.shape} in torch and {variable[...].shape} in Flax, in Flax's order; "
                "build both networks with the same sizes."
            )
        variable[...] = jnp.asarray(value)


def to_torch(network: nnx.Module) -> dict[str, torch.Tensor]:
    """The weights as a torch network's `load_state_dict` takes them, batch normalisation's counters apart."""
    return {
        torch_name(path): torch.from_numpy(np.array(_to_torch(np.asarray(variable[...]), path)))
        for path, variable in _variables(network).items()
    }


def _variables(network: nnx.Module) -> dict[tuple[Any, ...], Any]:
    return dict(nnx.to_flat_state(nnx.state(network, nnx.Any(nnx.Param, nnx.BatchStat))))


def _check_names(in_torch: set[str], in_flax: set[str]) -> None:
    for missing, where in ((in_torch - in_flax, "Flax"), (in_flax - in_torch, "torch")):
        if missing:
            raise BadInputError(
                f"{len(missing)} weight(s) have no counterpart in {where}, '{min(missing)}' among them; "
                "build the same network in both."
            )


def _to_flax(value: NDArray[Any], path: tuple[Any, ...]) -> NDArray[Any]:
    """Kernels have their outputs last, those of convolutions their sides first."""
    if path[-1] != "kernel":
        return value
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T


def _to_torch(value: NDArray[Any], path: tuple[Any, ...]) -> NDArray[Any]:
    if path[-1] != "kernel":
        return value
    return value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T
