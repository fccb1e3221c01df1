"""TabularNCD, the predecessor: two heads on one encoder, which learn in turns.

Troisemaine et al., "A Method for Discovering Novel Classes in Tabular Data" (2022). After pretraining on
masked rows, each batch makes two steps with optimisers of their own. (a) w1 CE + (1 - w1) MSE: known classes
and one class of all unlabelled rows; the MSE is between probabilities of a row and of its augmentation. (b)
w2 BCE + (1 - w2) MSE: on unlabelled rows, pairs (i, j) should have the same cluster, p_i . p_j = 1, where j
is among the most cosine-similar of i, and 0 elsewhere. Rows are clustered by the most probable output of the
second head.

Where the publications leave room: partners of a row are the other unlabelled rows of its batch and the last M
before it, which get no gradient; the share top_share of all partners is taken for similar. Rows of the
context, which belong to none of the classes that are looked for, have a part in pretraining alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from common.training.seeding import generator
from experiments.novel_class_discovery.arrays import Rows
from experiments.novel_class_discovery.tabular_ncd.batches import batches
from experiments.novel_class_discovery.tabular_ncd.encoders import encoder, latent_sizes, unit_length
from experiments.novel_class_discovery.tabular_ncd.grouped_adamw import GroupedAdamW
from experiments.novel_class_discovery.tabular_ncd.grouped_layers import GroupedLinear
from experiments.novel_class_discovery.tabular_ncd.masked_rows import pretrain
from experiments.novel_class_discovery.tabular_ncd.neighbouring_rows import augmented, neighbours_within
from experiments.novel_class_discovery.tabular_ncd.pairs import PairQueue, pair_loss
from experiments.novel_class_discovery.tabular_ncd.projection import classification_loss, learned_rows
from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, TrainingSettings
from experiments.novel_class_discovery.tasks import Task


class TabularNcd(nn.Module):
    """Encoder, classifier of known classes and of one more, and the head of clusters, of each trial."""

    def __init__(
        self,
        features: int,
        known: int,
        clusters: int,
        trials: Sequence[Hyperparameters],
        seed: int,
    ) -> None:
        super().__init__()
        self.encoder = encoder(features, trials, seed)
        sizes = latent_sizes(trials)
        self.classifier = GroupedLinear(sizes, [known + 1] * len(trials), seed, "classifier")
        self.clusterer = GroupedLinear(sizes, [clusters] * len(trials), seed, "clusterer")

    def latents(self, rows: Tensor) -> Tensor:
        """Latents of unit length, `[trials, batch, latent]`."""
        return unit_length(self.encoder(rows))

    @torch.no_grad()
    def clusters(self, rows: Rows) -> Tensor:
        """The most probable cluster `[trials, n]` of each row, in evaluation mode."""
        self.eval()
        logits: Tensor = self.clusterer(self.latents(torch.as_tensor(rows)))
        return logits.argmax(dim=2)


def train_tabular_ncd(
    task: Task, trials: Sequence[Hyperparameters], clusters: int, settings: TrainingSettings, seed: int
) -> TabularNcd:
    """Pretrain and train all trials side by side, for so many clusters."""
    rows, labels = learned_rows(task, unlabelled=True)
    network = TabularNcd(rows.shape[1], task.known_classes, clusters, trials, seed)
    pretrain(network.encoder, rows, trials, settings, seed)
    rows, labels = (part[: len(task.labelled) + len(task.unlabelled)] for part in (rows, labels))
    training = _Training(network, rows, labels, trials, settings, generator(seed, "augmentation"))
    for places in batches(len(rows), settings, generator(seed, "order")):
        training.classify(places)
        training.cluster(places[labels[places] < 0])
    return network


class _Training:
    """Both optimisers, the queue and the neighbours of one training."""

    def __init__(
        self,
        network: TabularNcd,
        rows: Tensor,
        labels: Tensor,
        trials: Sequence[Hyperparameters],
        settings: TrainingSettings,
        chance: torch.Generator,
    ) -> None:
        self._network, self._rows, self._chance = network, rows, chance
        self._targets = torch.where(labels < 0, int(labels.max()) + 1, labels)
        self._counts = torch.tensor([trial["neighbours"] for trial in trials])
        found = neighbours_within(rows.numpy(), labels.numpy(), int(self._counts.max()))
        self._neighbours = torch.as_tensor(found)
        self._first, self._second, self._shares = (
            torch.tensor([trial[name] for trial in trials])
            for name in ("first_weight", "second_weight", "top_share")
        )
        self._queue = PairQueue(settings.queue)
        rates = [trial["learning_rate"] for trial in trials]
        self._optimisers = [
            GroupedAdamW([*network.encoder.parameters(), *head.parameters()], rates, settings.weight_decay)
            for head in (network.classifier, network.clusterer)
        ]

    def classify(self, places: Tensor) -> None:
        """Step (a) on all rows of a batch."""
        logits = self._network.classifier(self._network.latents(self._rows[places]))
        moved = self._network.classifier(self._network.latents(self._augmented(places)))
        loss = self._first * classification_loss(logits, self._targets[places])
        self._step(0, loss + (1 - self._first) * _inconsistency(logits, moved))

    def cluster(self, places: Tensor) -> None:
        """Step (b) on the unlabelled rows of a batch; none with fewer than two."""
        if len(places) < 2:
            return
        latents = self._network.latents(self._rows[places])
        logits = self._network.clusterer(latents)
        moved = self._network.clusterer(self._network.latents(self._augmented(places)))
        probabilities = logits.softmax(dim=2)
        loss = self._second * pair_loss(latents.detach(), probabilities, self._queue, self._shares)
        self._step(1, loss + (1 - self._second) * _inconsistency(logits, moved))
        self._queue.push(latents.detach(), probabilities.detach())

    def _augmented(self, places: Tensor) -> Tensor:
        return augmented(self._rows, places, self._neighbours, self._counts, self._chance)

    def _step(self, head: int, loss: Tensor) -> None:
        optimiser = self._optimisers[head]
        optimiser.step(torch.autograd.grad(loss.sum(), optimiser.parameters))


def _inconsistency(logits: Tensor, moved: Tensor) -> Tensor:
    """Mean squared difference `[trials]` of probabilities."""
    return (logits.softmax(dim=2) - moved.softmax(dim=2)).square().mean(dim=(1, 2))
