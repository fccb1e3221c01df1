"""Let torchvision, and timm which needs it, be imported beside a torch built for another device.

A registry serves one torchvision build for Linux, compiled against the CUDA libraries. Beside a torch built
for processors alone its compiled extension can't be loaded; torchvision goes on without it, then stops at
`register_fake("torchvision::nms")`, because the extension would have declared that operator. Declaring the
missing operators first is enough for everything that has a Python implementation: transforms, models,
`FrozenBatchNorm2d`, all of timm. What lives in the extension alone (`ops.nms`, `io.decode_image`) stays
unavailable and says so when it is called.

Nothing happens until somebody imports torchvision, and nothing is changed where the extension loads.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

# The operators that torchvision 0.28 registers a fake for without asking whether its extension was loaded.
_UNGUARDED_OPERATORS = ("nms", "qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


class TorchvisionRepair:
    """An import hook for the name `torchvision`, which steps aside the first time that it is asked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Declare the operators if the extension can't, then leave the import to Python's own finders."""
        if fullname == "torchvision":
            sys.meta_path.remove(self)
            _declare_missing_operators()
        return None


def install() -> None:
    """Put the hook before Python's own finders, once; takes microseconds and doesn't import torch."""
    if "torchvision" not in sys.modules and not any(isinstance(f, TorchvisionRepair) for f in sys.meta_path):
        sys.meta_path.insert(0, TorchvisionRepair())


def _declare_missing_operators() -> None:
    from importlib.util import find_spec

    spec = find_spec("torchvision")
    if spec is None or spec.origin is None or _extension_loads(spec.origin):
        return
    import torch

    for operator in _UNGUARDED_OPERATORS:
        # A fork that starts warm imports this module anew, and so has a second hook, of another class.
        if not hasattr(torch.ops.torchvision, operator):
            torch.library.define(f"torchvision::{operator}", _SCHEMA)


def _extension_loads(package_file: str) -> bool:
    """Whether torch can load the compiled file beside torchvision's `__init__.py`."""
    from pathlib import Path

    import torch

    extension = next(Path(package_file).parent.glob("_C.*"), None)
    if extension is None:
        return False
    try:
        torch.ops.load_library(str(extension))
    except OSError:
        return False
    return True
