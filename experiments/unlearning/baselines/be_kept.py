"""BE as released by Challenging Forgets: boundary expanding whose extra class stays, and may be predicted.

See `be`, which removes it. Here an image that is sent to the extra class counts as wrong, and the class takes
its share of every softmax.
"""

from __future__ import annotations

from torch import nn

from experiments.unlearning.baselines.be import expand
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Cross-entropy to the extra class on the forget set."""
    return expand(task)
