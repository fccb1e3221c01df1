"""The benchmark of the state space: its long convolution, beside the recurrence token by token."""

from __future__ import annotations

from common.benchmark.entries import Pair, Ways

IMAGES, CHANNELS, STATES = 32, 16, 8  # of the long sequences at quick scale


def _state_space(tokens: int) -> Ways:
    import torch

    from experiments.architecture_comparison.mambaout.state_space import DiagonalStateSpace

    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = DiagonalStateSpace(CHANNELS, STATES)
        sequence = torch.randn(IMAGES, tokens, CHANNELS)

    @torch.no_grad()
    def convolved() -> object:
        return layer(sequence).numpy()

    return Ways(usual=lambda: layer.recurrence(sequence).numpy(), ours=convolved)


BENCHMARKS = [
    Pair(
        "state space",
        "the recurrence, token by token",
        "one convolution by FFT",
        _state_space,
        sizes=[784],
        unit="tokens",
        tolerance=1e-3,  # float32 sums of 784 terms in another order
    )
]
