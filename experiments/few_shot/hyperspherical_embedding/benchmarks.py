"""Benchmark of adding classes: all draws of their samples at once, beside one draw after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    from torch import Tensor

DIMENSION, CLASSES, PER_CLASS = 64, 5, 600  # new classes of the quick scale
SAMPLES, TESTED = 5, 1000


def _imprinting(draws: int) -> Ways:
    import torch
    from sklearn.metrics.pairwise import cosine_similarity
    from sklearn.preprocessing import normalize

    from experiments.few_shot.hyperspherical_embedding.imprinting import class_scores, sampled_vectors

    chance = torch.Generator().manual_seed(0)
    labels = torch.arange(CLASSES).repeat_interleave(PER_CLASS)
    centres = torch.randn(CLASSES, DIMENSION, generator=chance)[labels]
    embeddings = centres + torch.randn(len(labels), DIMENSION, generator=chance)
    tested = torch.randn(TESTED, DIMENSION, generator=chance)

    def usual() -> list[list[int]]:
        again = torch.Generator().manual_seed(1)
        orders = [
            torch.rand(draws, PER_CLASS, generator=again).argsort(dim=1)[:, :SAMPLES] for _ in range(CLASSES)
        ]
        chosen = []
        for draw in range(draws):
            members = [embeddings[labels == label][orders[label][draw]] for label in range(CLASSES)]
            columns = [normalize(own.numpy()).mean(axis=0) for own in members]
            chosen.append(cosine_similarity(tested.numpy(), columns).argmax(axis=1).tolist())
        return chosen

    def ours() -> Tensor:
        again = torch.Generator().manual_seed(1)
        vectors = sampled_vectors("cosine", embeddings, labels, SAMPLES, draws, again)
        return class_scores("cosine", tested, vectors).argmax(dim=-1)

    return Ways(usual, lambda: ours().tolist())


BENCHMARKS = [
    Pair(
        "imprinted_draws", "scikit-learn, draw by draw", "all draws at once", _imprinting, [20, 200], "draws"
    )
]
