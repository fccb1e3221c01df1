"""TabularNCD's pretraining: which values of a row were replaced, and what they were.

Yoon et al., "VIME: Extending the Success of Self- and Semi-supervised Learning to Tabular Domain" (NeurIPS
2020), with mask probability 0.3 and weight 2 of the reconstruction, as TabularNCD has them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.seeding import generator
from experiments.novel_class_discovery.tabular_ncd.batches import batches
from experiments.novel_class_discovery.tabular_ncd.encoders import latent_sizes, unit_length
from experiments.novel_class_discovery.tabular_ncd.grouped_adamw import GroupedAdamW
from experiments.novel_class_discovery.tabular_ncd.grouped_layers import GroupedLinear
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, TrainingSettings

MASKED, RECONSTRUCTION_WEIGHT = 0.3, 2.0


def pretrain(
    encoders: nn.Module,
    rows: Tensor,
    trials: Sequence[Hyperparameters],
    settings: TrainingSettings,
    seed: int,
) -> None:
    """Change the encoders in place, on all rows `[n, d]`, whatever their labels."""
    if not settings.pretraining_epochs:
        return
    shortened = settings.model_copy(update={"epochs": settings.pretraining_epochs})
    width = rows.shape[1]
    heads = nn.ModuleList(
        GroupedLinear(latent_sizes(trials), [width] * len(trials), seed, name) for name in ("mask", "values")
    )
    parameters = [*encoders.parameters(), *heads.parameters()]
    optimiser = GroupedAdamW(parameters, [trial["learning_rate"] for trial in trials], settings.weight_decay)
    chance = generator(seed, "pretraining")
    for places in batches(len(rows), shortened, chance):
        batch = rows[places]
        corrupted, mask = masked(batch, chance)
        latents = unit_length(encoders(corrupted))
        guessed, restored = (head(latents) for head in heads)
        wanted = mask.expand_as(guessed)
        loss = F.binary_cross_entropy_with_logits(guessed, wanted, reduction="none").mean(dim=(1, 2))
        loss = loss + RECONSTRUCTION_WEIGHT * (restored - batch).square().mean(dim=(1, 2))
        optimiser.step(torch.autograd.grad(loss.sum(), parameters))


def masked(batch: Tensor, chance: torch.Generator) -> tuple[Tensor, Tensor]:
    """A batch `[n, d]` some of whose values come from other rows, and 1 `[n, d]` where they do.

    A value that is replaced by an equal one counts as untouched, as in VIME.
    """
    drawn = torch.rand(batch.shape, generator=chance) < MASKED
    order = torch.rand(batch.shape, generator=chance).argsort(dim=0)
    corrupted = torch.where(drawn, batch.gather(0, order), batch)
    return corrupted, (corrupted != batch).float()
