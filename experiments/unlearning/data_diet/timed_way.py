"""`python -m experiments.unlearning.data_diet.timed_way JSON`: an ensemble that takes steps when told to.

It prints the seconds of its first call (which compiles) and the memory that it took, then, for each line that
it reads, the seconds of some more steps of all networks. So several ways wait, each in a process of its own,
and take turns.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Literal

from common.strict import StrictModel
from experiments.unlearning.data_diet.settings import DietTraining

AnyWay = Literal["vmapped", "scanned", "looped", "torch"]


class TimedWay(StrictModel):
    """What is trained, and how; `steps` are those of a turn, of each of the `networks`."""

    way: AnyWay
    network: str
    side: int
    channels: int
    classes: int
    networks: int
    training: DietTraining
    steps: int


def main(timed: TimedWay) -> None:
    """Warm up, then serve until the input ends."""
    from common.runs.cost import peak_memory_mib

    step = _torch_steps(timed) if timed.way == "torch" else _jax_steps(timed)
    before, start = peak_memory_mib(), time.perf_counter()
    step()
    first = time.perf_counter() - start
    step()
    print(first, peak_memory_mib() - before, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        step()
        print(time.perf_counter() - start, flush=True)


def _jax_steps(timed: TimedWay) -> Callable[[], None]:
    import jax
    import jax.numpy as jnp
    import numpy as np

    from experiments.unlearning.data_diet.images import Images
    from experiments.unlearning.data_diet.learning import Learner
    from experiments.unlearning.data_diet.networks import Shape, architecture, fresh_networks
    from experiments.unlearning.data_diet.visits import Order

    assert timed.way != "torch"
    training, count = timed.training, timed.training.batch_size * timed.steps
    shape = Shape(timed.side, timed.side, timed.channels, timed.classes)
    pixels = np.random.default_rng(0).normal(size=(count, *shape[:3])).astype(np.float32)
    images = Images(jnp.asarray(pixels), np.arange(count) % timed.classes)
    orders = [Order(np.arange(count), training.batch_size, seed, 0) for seed in range(timed.networks)]
    learner = Learner(architecture(timed.network, shape), training, timed.steps, 0, timed.way)
    state = learner.start(fresh_networks(timed.network, shape, range(timed.networks)))

    def step() -> None:
        nonlocal state
        state = learner.advance(state, orders, images, range(timed.steps))
        jax.tree.map(lambda leaf: leaf.block_until_ready(), state)

    return step


def _torch_steps(timed: TimedWay) -> Callable[[], None]:
    import torch
    from torch.nn import functional as F

    from common.training.device import best_device, place
    from common.training.sgd import PlainSGD
    from experiments.unlearning.data_diet.networks import Shape
    from experiments.unlearning.data_diet.torch_networks import torch_network

    torch.set_num_threads(1)
    training, device, count = timed.training, best_device(), timed.training.batch_size * timed.steps
    shape = Shape(timed.side, timed.side, timed.channels, timed.classes)
    images = torch.randn(count, timed.channels, timed.side, timed.side, device=device)
    labels = torch.arange(count, device=device) % timed.classes
    networks = [place(torch_network(timed.network, shape), device) for _ in range(timed.networks)]
    optimisers = [
        PlainSGD(
            list(network.parameters()), training.learning_rate, training.momentum, training.weight_decay, True
        )
        for network in networks
    ]

    def step() -> None:
        for network, optimiser in zip(networks, optimisers, strict=True):
            for places in torch.randperm(count, device=device).split(training.batch_size):
                loss = F.cross_entropy(network(images[places]), labels[places])
                optimiser.step(torch.autograd.grad(loss, optimiser.parameters))
        if device.type == "cuda":
            torch.cuda.synchronize()

    return step


if __name__ == "__main__":
    main(TimedWay.model_validate_json(sys.argv[1]))
