from __future__ import annotations

import hashlib

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from common.training.seeding import generator, seeded_initialisation, stream_seed


def test_a_stream_is_the_hash_of_its_seed_and_name() -> None:
    digest = hashlib.sha256(b"3/order").hexdigest()
    assert stream_seed(3, "order") == int(digest[:16], 16) // 2


@given(seed=st.integers(0, 10**9), name=st.text(max_size=20))
def test_seeds_fit_into_what_torch_takes(seed: int, name: str) -> None:
    assert 0 <= stream_seed(seed, name) < 2**63


def test_streams_and_seeds_are_all_different() -> None:
    names = ("initialisation", "order", "augmentation", "order/fog/1", "order/fog/5", "order/snow/5")
    seeds = [stream_seed(seed, name) for seed in range(100) for name in names]
    assert len(set(seeds)) == len(seeds)


def test_streams_are_uncorrelated() -> None:
    draws = torch.stack(
        [
            torch.randn(4000, generator=generator(seed, name))
            for seed in (0, 1)
            for name in ("order", "augmentation")
        ]
    )
    correlation = torch.corrcoef(draws) - torch.eye(4)
    assert correlation.abs().max() < 5 / 4000**0.5


def test_one_more_draw_in_a_stream_shifts_no_other() -> None:
    order, augmentation = generator(0, "order"), generator(0, "augmentation")
    torch.rand(1, generator=order)
    assert torch.equal(
        torch.rand(5, generator=augmentation), torch.rand(5, generator=generator(0, "augmentation"))
    )


def test_initialisation_repeats_and_puts_the_global_generator_back() -> None:
    def weights(seed: int) -> torch.Tensor:
        with seeded_initialisation(seed):
            return nn.Linear(3, 3).weight.detach()

    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first = weights(0)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.rand(3)
    assert torch.equal(weights(0), first)
    assert not torch.equal(weights(1), first)
