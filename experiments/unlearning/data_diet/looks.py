"""The scores of an ensemble, taken at several epochs of its training."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from common.checkpoints import Progress
from experiments.unlearning.data_diet.forgetting import Forgetting
from experiments.unlearning.data_diet.laboratory import Laboratory
from experiments.unlearning.data_diet.learning import State
from experiments.unlearning.data_diet.resuming import Memory, Resumable
from experiments.unlearning.data_diet.scores import ERROR_SCORES, Grand
from experiments.unlearning.score_arrays import Key

Array = NDArray[np.float64]


@dataclass
class Looks:
    """Trains `networks` networks on all examples, and scores these after each of `epochs`, ascending.

    Attributes:
        grand_epochs: those of `epochs` at which GraNd is measured.
        gradients_at_once: examples whose gradients are held at a time.
        memory: `<score> <epoch>` -> `[2, n]`: the mean over networks, and the first network's.
    """

    laboratory: Laboratory
    epochs: list[int]
    networks: int
    grand_epochs: list[int]
    gradients_at_once: int
    memory: Memory = field(default_factory=dict)

    def train(self, progress: Progress) -> None:
        """Fill the memory."""
        laboratory, count = self.laboratory, len(self.laboratory.train)
        learner = laboratory.learner
        forgetting = Forgetting.of(self.networks, count)
        self.memory |= {f"counting {name}": array for name, array in vars(forgetting).items()}
        grand = Grand(learner.architecture, learner.way, self.gradients_at_once)

        def look(epoch: int, state: State) -> None:
            if epoch not in self.epochs:
                return
            images, labels = laboratory.train, laboratory.train.labels
            probabilities = learner.probabilities(state.numbers, images)
            for name, score in ERROR_SCORES.items():
                self._keep(name, epoch, score(probabilities, labels))
            self._keep("forgetting", epoch, forgetting.score(epoch))
            if epoch in self.grand_epochs:
                self._keep("grand", epoch, grand(state.numbers, images))
            accuracies = learner.accuracies(state.numbers, laboratory.study.validation)
            self.memory[f"accuracy {epoch}"] = np.array(accuracies)

        start = laboratory.start("score network", self.networks)
        orders = laboratory.orders("score order", [np.arange(count)] * self.networks)
        resumable = Resumable(progress, self.memory)
        resumable.train(learner, start, orders, laboratory.train, each=look, observer=forgetting)

    def mean(self, score: str, epoch: int) -> Array:
        """The mean over all networks, `[n]`."""
        mean: Array = self.memory[f"{score} {epoch}"][0]
        return mean

    def single(self, score: str, epoch: int) -> Array:
        """That of the first network alone, `[n]`."""
        single: Array = self.memory[f"{score} {epoch}"][1]
        return single

    def validation_accuracy(self, epoch: int) -> float:
        """The networks' mean, in percent."""
        return float(self.memory[f"accuracy {epoch}"].mean())

    def scores(self) -> dict[Key, Array]:
        """All of them, as a score file has them."""
        names = [*ERROR_SCORES, "forgetting"]
        taken = [(name, epoch) for name in names for epoch in self.epochs]
        taken += [("grand", epoch) for epoch in self.grand_epochs]
        means = {
            Key(score=name, epoch=epoch, networks=self.networks): self.mean(name, epoch)
            for name, epoch in taken
        }
        singles = {
            Key(score=name, epoch=epoch, networks=1): self.single(name, epoch)
            for name, epoch in taken
            if name in ("el2n", "grand") and self.networks > 1
        }
        return means | singles

    def _keep(self, name: str, epoch: int, scores: Array) -> None:
        self.memory[f"{name} {epoch}"] = np.stack([scores.mean(axis=0), scores[0]])
