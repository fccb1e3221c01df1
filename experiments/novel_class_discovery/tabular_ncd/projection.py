"""PBN, projection-based novel class discovery, and the baseline, which is PBN without its decoder.

Troisemaine et al. 2024. PBN minimises w CE(classifier(z), y) on known rows + (1 - w) |x' - x|^2 on all rows,
known or not, summed over features and averaged over rows, where z is the latent of unit length and x' its
decoding. The baseline has the first term alone, and known rows alone. Deviation: reconstruction and
classification are averaged over the rows of a batch that each has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.training.seeding import generator
from experiments.novel_class_discovery.tabular_ncd.batches import batches
from experiments.novel_class_discovery.tabular_ncd.encoders import decoder, encoder, latent_sizes, unit_length
from experiments.novel_class_discovery.tabular_ncd.grouped_adamw import GroupedAdamW
from experiments.novel_class_discovery.tabular_ncd.grouped_layers import GroupedLinear
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, TrainingSettings
from experiments.novel_class_discovery.tasks import Task

Observer = Callable[[int, nn.Module], None]  # of the number of steps made, and of the encoder


class Projection(nn.Module):
    """Encoder, linear classifier of known classes, and decoder or none, of each trial."""

    def __init__(
        self, features: int, classes: int, trials: Sequence[Hyperparameters], decodes: bool, seed: int
    ) -> None:
        super().__init__()
        self.encoder = encoder(features, trials, seed)
        self.classifier = GroupedLinear(latent_sizes(trials), [classes] * len(trials), seed, "classifier")
        self.decoder = decoder(features, trials, seed) if decodes else None
        weights = [trial["classification_weight"] for trial in trials] if decodes else [1.0] * len(trials)
        self.weights = torch.tensor(weights, dtype=torch.float32)

    def loss(self, rows: Tensor, labels: Tensor) -> Tensor:
        """The loss `[trials]` of rows `[batch, d]` with labels `[batch]`, -1 for none."""
        latents = unit_length(self.encoder(rows))
        known = labels >= 0
        logits = self.classifier(latents[:, known])
        loss = self.weights * classification_loss(logits, labels[known])
        if self.decoder is not None:
            errors = (self.decoder(latents) - rows).square().sum(dim=2).mean(dim=1)
            loss = loss + (1 - self.weights) * errors
        return loss


def classification_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy `[trials]` of logits `[trials, batch, classes]`; 0 where there are no rows."""
    trials, count, _ = logits.shape
    if not count:
        return logits.new_zeros(trials)
    losses = F.cross_entropy(logits.flatten(0, 1), labels.repeat(trials), reduction="none")
    return losses.view(trials, count).mean(dim=1)


def train_projection(
    task: Task,
    trials: Sequence[Hyperparameters],
    decodes: bool,
    settings: TrainingSettings,
    seed: int,
    observe: Observer | None = None,
) -> nn.Module:
    """Train all trials side by side; their encoders."""
    rows, labels = learned_rows(task, decodes)
    network = Projection(rows.shape[1], task.known_classes, trials, decodes, seed)
    optimiser = GroupedAdamW(
        [*network.parameters()], [trial["learning_rate"] for trial in trials], settings.weight_decay
    )
    for step, places in enumerate(batches(len(rows), settings, generator(seed, "order"))):
        if observe is not None:
            observe(step, network.encoder)
            network.train()
        loss = network.loss(rows[places], labels[places]).sum()
        optimiser.step(torch.autograd.grad(loss, optimiser.parameters, materialize_grads=True))
    return network.encoder


def learned_rows(task: Task, unlabelled: bool) -> tuple[Tensor, Tensor]:
    """Rows `[n, d]` to learn from and their labels `[n]`, -1 for none; those without only if asked for."""
    if not unlabelled:
        return torch.as_tensor(task.labelled), torch.as_tensor(task.labels)
    others = task.without_label
    labels = np.concatenate([task.labels, np.full(len(others), -1)])
    return torch.as_tensor(np.concatenate([task.labelled, others])), torch.as_tensor(labels)
