"""A training in JAX that goes on after a kill: its trees as tensors, which is what checkpoints keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.checkpoints import Progress
from experiments.unlearning.data_diet.images import Images
from experiments.unlearning.data_diet.learning import Learner, Observer, State, train
from experiments.unlearning.data_diet.visits import Order

Memory = dict[str, NDArray[Any]]


@dataclass
class Resumable:
    """Trains from the last checkpoint, or from the start, to the end of the course.

    Attributes:
        memory: arrays that `each` and the observer gather, kept beside the networks; those that are there
            at the start are changed in place.
    """

    progress: Progress
    memory: Memory = field(default_factory=dict)

    def train(
        self,
        learner: Learner,
        start: State,
        orders: list[Order],
        images: Images,
        first: int = 0,
        each: Callable[[int, State], None] = lambda epoch, state: None,
        observer: Observer | None = None,
    ) -> State:
        """As `learning.train` from the epoch `first` on; `each` is called for the start, too."""
        saved = self.progress.load()
        if saved is None:
            each(first, start)
        else:
            first, start = saved["epoch"], self._restore(saved, start)

        def after(epoch: int, state: State) -> None:
            each(epoch, state)
            self.progress.save(lambda: self._state(epoch, state))

        return train(learner, start, orders, images, range(first, learner.settings.epochs), after, observer)

    def _state(self, epoch: int, state: State) -> dict[str, Any]:
        leaves = [_tensor(np.asarray(leaf)) for leaf in jax.tree.leaves(state)]
        return {
            "epoch": epoch,
            "leaves": leaves,
            "memory": {name: _tensor(value) for name, value in self.memory.items()},
        }

    def _restore(self, saved: dict[str, Any], like: State) -> State:
        for name, tensor in saved["memory"].items():
            if name in self.memory:
                self.memory[name][...] = tensor.numpy()
            else:
                self.memory[name] = tensor.numpy()
        leaves = [jnp.asarray(tensor.numpy()) for tensor in saved["leaves"]]
        restored: State = jax.tree.unflatten(jax.tree.structure(like), leaves)
        return restored


def _tensor(array: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.array(array))
