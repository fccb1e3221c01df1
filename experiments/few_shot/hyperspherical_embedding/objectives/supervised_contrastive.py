"""The supervised contrastive loss.

Khosla et al.: Supervised Contrastive Learning, 2020, arXiv 2004.11362, L_out: for each anchor the mean over
its positives p of -log(e^(z·z_p / tau) / sum over all others a of e^(z·z_a / tau)).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.objectives.pairs import same_class


class SupervisedContrastive(Objective):
    """Reads `temperature`. One view of each image, and no projection on top of the embedding."""

    balanced = True

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The mean over those images that have another of their class in the batch."""
        unit = F.normalize(embeddings, dim=-1)
        alike, _ = same_class(labels)
        itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
        logits = (unit @ unit.T / self.temperature).masked_fill(itself, -torch.inf)
        log_shares = (logits - logits.logsumexp(dim=1, keepdim=True)).masked_fill(itself, 0.0)
        positives = alike.sum(dim=1)
        anchors = positives > 0
        return -((log_shares * alike).sum(dim=1)[anchors] / positives[anchors]).mean()
