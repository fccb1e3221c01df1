"""Where the class vectors of a cosine softmax start from."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def random_columns(classes: int, dimension: int) -> Tensor:
    """Uniform on the sphere, `[classes, dimension]`, by torch's global generator."""
    return F.normalize(torch.randn(classes, dimension), dim=-1)
