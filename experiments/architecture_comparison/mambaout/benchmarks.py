"""Benchmarks of both state spaces: in parallel over tokens, beside the recurrence token by token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.benchmark.entries import Pair, Ways

IMAGES, CHANNELS, STATES, HEAD_WIDTH = 32, 16, 8, 8  # of the long sequences at quick scale


def _diagonal(tokens: int) -> Ways:
    from experiments.architecture_comparison.mambaout.state_space import DiagonalStateSpace

    return _ways(lambda: DiagonalStateSpace(CHANNELS, STATES), tokens)


def _selective(tokens: int) -> Ways:
    from experiments.architecture_comparison.mambaout.selective_state_space import SelectiveStateSpace

    return _ways(lambda: SelectiveStateSpace(CHANNELS, 2 * STATES, HEAD_WIDTH), tokens)


def _ways(build: Callable[[], Any], tokens: int) -> Ways:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = build()
        sequence = torch.randn(IMAGES, tokens, CHANNELS)

    @torch.no_grad()
    def in_parallel() -> object:
        return layer(sequence).numpy()

    return Ways(usual=lambda: layer.recurrence(sequence).numpy(), ours=in_parallel)


BENCHMARKS = [
    Pair(
        "state space",
        "the recurrence, token by token",
        "one convolution by FFT",
        _diagonal,
        sizes=[784],
        unit="tokens",
        tolerance=1e-3,  # float32 sums of 784 terms in another order
    ),
    Pair(
        "selective state space",
        "the recurrence, token by token",
        "chunks of 32 tokens by products of matrices",
        _selective,
        sizes=[784],
        unit="tokens",
        tolerance=1e-3,
    ),
]
