"""Explicit randomness: every use of chance has a stream of its own, derived from the one seed of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor


def stream_seed(seed: int, stream: str) -> int:
    """The seed of a named stream (`initialisation`, `order`, `augmentation` …), below 2**63.

    Streams are hashed apart, so that one more draw in the first never shifts the second.
    """
    digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(seed: int, stream: str) -> torch.Generator:
    """A CPU generator at the start of the named stream."""
    return torch.Generator().manual_seed(stream_seed(seed, stream))


@contextmanager
def seeded_initialisation(seed: int) -> Iterator[None]:
    """Seed torch's global generator, which `torch.nn.init` draws from, and put it back afterwards."""
    with torch.random.fork_rng():
        torch.manual_seed(stream_seed(seed, "initialisation"))
        yield


def chance_of(generators: Sequence[torch.Generator]) -> list[Tensor]:
    """The states of the generators and of torch's global ones, which layers such as dropout draw from."""
    states = [generator.get_state() for generator in generators]
    return [*states, torch.get_rng_state(), *torch.cuda.get_rng_state_all()]


def set_chance(states: Sequence[Tensor], generators: Sequence[torch.Generator]) -> None:
    """Put back what `chance_of` gave for as many generators."""
    for generator, state in zip(generators, states, strict=False):
        generator.set_state(state)
    torch.set_rng_state(states[len(generators)])
    torch.cuda.set_rng_state_all(states[len(generators) + 1 :])
