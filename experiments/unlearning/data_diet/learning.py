"""Training an ensemble of networks, in step and on the same images, each on examples of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray
from tqdm import tqdm

from common.strict import BadInputError
from experiments.unlearning.data_diet.augmentation import augmented
from experiments.unlearning.data_diet.ensemble import OfEnsemble, over_networks
from experiments.unlearning.data_diet.images import Images
from experiments.unlearning.data_diet.networks import Architecture, Numbers, Tree
from experiments.unlearning.data_diet.settings import DietTraining, Way
from experiments.unlearning.data_diet.visits import Order, Visits, visits_of_all

EVALUATED_AT_ONCE = 1000  # images


class State(NamedTuple):
    """Networks amid their training: numbers, and the optimiser's velocity and count of steps."""

    numbers: Numbers
    optimiser: Tree


class Observer(Protocol):
    """Told what was predicted before each step's update."""

    def __call__(self, places: NDArray[np.int64], correct: NDArray[np.bool_]) -> None:
        """Both `[networks, steps, batch]`."""


@dataclass(frozen=True)
class Learner:
    """A network's training and evaluation, compiled for an ensemble; keep it, and nothing compiles twice.

    Attributes:
        steps: of a whole training, over which the learning rate drops.
        margin: reflected pixels that crops may take in; 0: no augmentation.
    """

    architecture: Architecture
    settings: DietTraining
    steps: int
    margin: int
    way: Way

    @cached_property
    def optimiser(self) -> optax.GradientTransformation:
        """SGD with Nesterov momentum and weight decay; the rate drops at shares of the steps."""
        settings = self.settings
        drops = {round(share * self.steps): settings.drop for share in settings.drops}
        rate = optax.piecewise_constant_schedule(settings.learning_rate, drops)
        return optax.chain(
            optax.add_decayed_weights(settings.weight_decay),
            optax.sgd(rate, momentum=settings.momentum, nesterov=True),
        )

    def start(self, numbers: Numbers) -> State:
        """The state before the first step of networks along a leading axis."""
        return State(numbers, jax.vmap(self.optimiser.init)(numbers.parameters))

    def advance(
        self,
        state: State,
        orders: list[Order],
        images: Images,
        steps: range,
        observer: Observer | None = None,
    ) -> State:
        """Take these steps of the course, a few in each call of the compiled program."""
        shared = (images.pixels, jnp.asarray(images.labels))
        most = self.settings.steps_per_call
        for begin in range(steps.start, steps.stop, most):
            visits = visits_of_all(orders, begin, min(most, steps.stop - begin))
            state, correct = self._advance((state, visits), shared)
            if observer is not None:
                observer(visits.places, np.asarray(correct))
        return state

    def probabilities(self, numbers: Numbers, images: Images) -> NDArray[np.float64]:
        """Of the classes, `[networks, n, classes]`, in evaluation mode without augmentation."""
        parts = [
            np.asarray(self._logits(numbers, images.pixels[begin : begin + EVALUATED_AT_ONCE]), np.float64)
            for begin in range(0, len(images), EVALUATED_AT_ONCE)
        ]
        logits = np.concatenate(parts, axis=1)
        if not np.isfinite(logits).all():
            raise BadInputError("A network diverged: its logits are not finite. Lower 'learning_rate'.")
        shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
        probabilities: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
        return probabilities

    def accuracies(self, numbers: Numbers, images: Images) -> list[float]:
        """Of each network, in percent."""
        right = self.probabilities(numbers, images).argmax(axis=-1) == images.labels
        accuracies: list[float] = (100 * right.mean(axis=1)).tolist()
        return accuracies

    @cached_property
    def _advance(self) -> OfEnsemble:
        return over_networks(self._steps_of_one, self.way)

    @cached_property
    def _logits(self) -> OfEnsemble:
        return over_networks(self.architecture.logits, self.way)

    def _steps_of_one(self, own: tuple[State, Visits], shared: Any) -> tuple[State, jax.Array]:
        """One network's next steps; bool `[steps, batch]` says what it got right before each."""
        state, visits = own
        if len(visits.places) == 1:  # convolutions within a loop are slow on a processor
            state, correct = self._step(state, jax.tree.map(lambda leaf: leaf[0], visits), shared)
            return state, correct[None]
        return jax.lax.scan(lambda state, visit: self._step(state, visit, shared), state, visits)

    def _step(self, state: State, visit: Any, shared: Any) -> tuple[State, jax.Array]:
        pixels, labels = shared
        chosen, targets = pixels[visit.places], labels[visit.places]
        batch = augmented(chosen, visit.corners, visit.mirrored, self.margin) if self.margin else chosen

        def loss(parameters: Tree) -> tuple[jax.Array, Any]:
            logits, statistics = self.architecture.trained_logits(parameters, state.numbers.statistics, batch)
            losses = optax.softmax_cross_entropy_with_integer_labels(logits, targets)
            return losses.mean(), (logits, statistics)

        gradient, (logits, statistics) = jax.grad(loss, has_aux=True)(state.numbers.parameters)
        moves, optimiser = self.optimiser.update(gradient, state.optimiser, state.numbers.parameters)
        parameters = optax.apply_updates(state.numbers.parameters, moves)
        return State(Numbers(parameters, statistics), optimiser), logits.argmax(axis=-1) == targets


def train(
    learner: Learner,
    state: State,
    orders: list[Order],
    images: Images,
    epochs: range,
    each: Callable[[int, State], None] = lambda epoch, state: None,
    observer: Observer | None = None,
) -> State:
    """Train for these epochs of the course, each a pass over all `images`, and call `each` after it."""
    length = learner.settings.steps_per_epoch(len(images))
    for epoch in tqdm(epochs, "epochs", disable=None, leave=False):
        steps = range(epoch * length, (epoch + 1) * length)
        state = learner.advance(state, orders, images, steps, observer)
        each(epoch + 1, state)
    return state
