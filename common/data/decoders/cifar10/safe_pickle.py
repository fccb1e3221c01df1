"""Unpickling plain containers and numeric arrays, and nothing else."""

from __future__ import annotations

import pickle
from typing import IO, Any

import numpy as np

from common.data.failures import SourceFailedError

# numpy moved its private module in version 2; pickles carry either name.
_RECONSTRUCT = np.zeros(0).__reduce__()[0]
_ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
}


class _SafeUnpickler(pickle.Unpickler):
    """Looks up no global but the three that rebuild an array, so that no pickle can run code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _ALLOWED[module, name]


def load_safely(stream: IO[bytes], name: str) -> Any:
    """Unpickle a stream; strings of Python 2 become bytes. Raises SourceFailedError for anything else."""
    try:
        return _SafeUnpickler(stream, encoding="bytes").load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError) as error:
        raise SourceFailedError(f"{name} is refused: {error}; only plain arrays are unpickled") from None
