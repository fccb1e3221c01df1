"""FT: fine-tuning on what is retained, in the hope that the rest is forgotten.

Warnecke, Pirch, Wressnegger, Rieck: Machine Unlearning of Features and Labels, 2021, arXiv 2108.11577, is
the reference that Challenging Forgets gives. θ_u descends E_{D_r} CE(θ; x, y) from θ_o.

Differs from the official code of Challenging Forgets in nothing but the schedule, where one is set.
"""

from __future__ import annotations

from torch import nn

from experiments.unlearning.fine_tuning import copy_of_original, fine_tune
from experiments.unlearning.task import Task

LEARNS = True


def unlearn(task: Task) -> nn.Module:
    """Cross-entropy on the retain set."""
    return fine_tune(task, copy_of_original(task), task.retain)
