"""Reading prepared data sets: read-only memory-mapped arrays, checked against their manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from common.data.manifests import PREPARED, ArrayFacts, command_for, read_manifest
from common.strict import BadInputError

if TYPE_CHECKING:
    from common.data.canonical import Array


def load(dataset: str, root: Path = Path()) -> Mapping[str, Array]:
    """Every array of a prepared data set by name, memory-mapped and read-only.

    Shapes and dtypes are checked against the manifest; contents are not (see `verify`). Raises
    BadInputError, with the command to type, when the data set is missing or is not what the manifest pins.
    """
    manifest = read_manifest(dataset, root)
    folder = root / PREPARED / dataset
    return MappingProxyType(
        {name: _open(folder / f"{name}.npy", facts, dataset) for name, facts in manifest.arrays.items()}
    )


def verify(dataset: str, root: Path = Path()) -> None:
    """Read and hash every array; raises BadInputError naming the first that differs from the manifest."""
    from common.data.canonical import canonical_hash

    manifest = read_manifest(dataset, root)
    for name, array in load(dataset, root).items():
        if canonical_hash(array) != manifest.arrays[name].hash:
            raise BadInputError(_differs(root / PREPARED / dataset / f"{name}.npy", dataset))


def _open(path: Path, facts: ArrayFacts, dataset: str) -> Array:
    import numpy as np

    try:
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist. Type: {command_for(dataset)}") from None
    except OSError:
        raise
    except Exception as error:  # a damaged header makes numpy raise whatever Python's own parser does
        raise BadInputError(f"{path} can't be read ({error}). {_again(dataset)}") from None
    if list(array.shape) != facts.shape or array.dtype.str != facts.dtype:
        raise BadInputError(_differs(path, dataset))
    return array


def _differs(path: Path, dataset: str) -> str:
    return f"{path} is not what data/manifests/{dataset}.json pins. {_again(dataset)}"


def _again(dataset: str) -> str:
    """The way out: not just the command that prepares it, as DVC may have it from a damaged cache."""
    return f"Type: python -m common.rules.prepare {dataset}"
