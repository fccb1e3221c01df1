"""Embeddings of a class split, made once, and the metrics that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.seeding import generator
from experiments.few_shot.hyperspherical_embedding.class_split import ClassSplit
from experiments.few_shot.hyperspherical_embedding.imprinting import (
    class_scores,
    class_vector,
    sampled_vectors,
)
from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.scenarios import Scores
from experiments.few_shot.hyperspherical_embedding.settings import Rule


@dataclass(frozen=True)
class Part:
    """Float32 embeddings `[n, d]` and int64 labels `[n]` from 0, on the CPU."""

    embeddings: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Embedded:
    """Each part of a class split, and the objective's columns of old classes, where it has them."""

    old: Part
    new: Part
    old_test: Part
    new_test: Part
    columns: Tensor | None

    def scores(self, rule: Rule, samples: int | None, draws: int, seed: int) -> Scores:
        """What test images score; draws of samples hang on the seed and the number of samples alone."""
        chance = generator(seed, f"samples {samples}")
        new = sampled_vectors(rule, self.new.embeddings, self.new.labels, samples, draws, chance)
        old = self._old_vectors(rule)
        return Scores(
            old_by_old=class_scores(rule, self.old_test.embeddings, old),
            old_by_new=class_scores(rule, self.old_test.embeddings, new),
            new_by_old=class_scores(rule, self.new_test.embeddings, old),
            new_by_new=class_scores(rule, self.new_test.embeddings, new),
            old_labels=self.old_test.labels,
            new_labels=self.new_test.labels,
        )

    def _old_vectors(self, rule: Rule) -> Tensor:
        if rule != "columns":
            members = [self.old.embeddings[self.old.labels == label] for label in self.old.labels.unique()]
            return torch.stack([class_vector(rule, own) for own in members])
        if self.columns is None:
            raise BadInputError(
                "The rule 'columns' needs an objective with a column for each class, and this one has none; "
                "write 'cosine' or 'euclidean'."
            )
        return self.columns


def embed_split(network: nn.Module, objective: Objective | None, split: ClassSplit) -> Embedded:
    """Embed every part in evaluation mode; raises BadInputError where an embedding is NaN or infinite."""
    network.eval()
    columns = None if objective is None else objective.columns()
    return Embedded(
        old=_embed(network, split.old),
        new=_embed(network, split.new),
        old_test=_embed(network, split.old_test),
        new_test=_embed(network, split.new_test),
        columns=None if columns is None else columns.cpu(),
    )


@torch.no_grad()
def _embed(network: nn.Module, images: ImageSet) -> Part:
    found = torch.cat([network(batch.images).float().cpu() for batch in images.clean()])
    if not torch.isfinite(found).all():
        raise BadInputError("Embeddings are NaN or infinite; lower 'learning_rate'.")
    return Part(found, images.labels.cpu())
