"""Benchmark of relation scores, beside the maps of each pair joined and convolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    from torch import Tensor

    from experiments.few_shot.baselines.relation_network import RelationModule

MAPS = (16, 4, 4)  # of pictures of 16 x 16 pixels, half-way through the network
CLASSES = 20


def _relation_scores(questions: int) -> Ways:
    import torch

    from experiments.few_shot.baselines.relation_network import RelationModule

    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = RelationModule(MAPS[0]).eval()
        classes, queries = torch.randn(1, CLASSES, *MAPS), torch.randn(1, questions, *MAPS)

    @torch.no_grad()
    def usual() -> list[float]:
        return _scores_of_joined_maps(module, classes, queries).flatten().tolist()

    @torch.no_grad()
    def ours() -> list[float]:
        scores: list[float] = module(classes, queries).flatten().tolist()
        return scores

    return Ways(usual, ours)


def _scores_of_joined_maps(module: RelationModule, classes: Tensor, queries: Tensor) -> Tensor:
    """As the paper draws it: the maps of every pair are joined, then convolved."""
    import torch
    from torch.nn import functional as F

    shape = (*queries.shape[:2], classes.shape[1])
    pairs = torch.cat(
        [
            classes[:, None].expand(*shape, *classes.shape[2:]),
            queries[:, :, None].expand(*shape, *queries.shape[2:]),
        ],
        dim=3,
    )
    maps = module.normalisation(module.joined(pairs.flatten(0, 2))).relu()
    maps = F.max_pool2d(module.block(F.max_pool2d(maps, 2, ceil_mode=True)), 2, ceil_mode=True)
    scores: Tensor = module.score(module.hidden(maps.mean((2, 3))).relu()).sigmoid()
    return scores.view(shape)


BENCHMARKS = [
    Pair(
        "relation_scores",
        "the maps of each pair joined, then convolved",
        "each class and each query convolved, then added",
        _relation_scores,
        [300],
        "queries beside 20 classes",
        tolerance=1e-5,
        remark="One of two convolutions is saved; the maps of all pairs are still pooled and convolved.",
    ),
]
