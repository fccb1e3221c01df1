"""Training an embedding with an objective: Adam at a constant rate, as in the paper's tutorial."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from common.checkpoints import Progress
from common.strict import BadInputError
from common.training.image_set import ImageSet, batch_count
from common.training.seeding import chance_of, set_chance
from experiments.few_shot.hyperspherical_embedding.balanced_batches import balanced_batches
from experiments.few_shot.hyperspherical_embedding.drawn_pairs import drawn_partners
from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.settings import LearningSettings

BETAS, EPSILON = (0.9, 0.999), 1e-7  # Keras's defaults


@dataclass
class Learner:
    """A network and its objective, and the optimiser of both."""

    network: nn.Module
    objective: Objective
    settings: LearningSettings
    _optimiser: torch.optim.Adam = field(init=False)

    def __post_init__(self) -> None:
        parameters = [*self.network.parameters(), *self.objective.parameters()]
        self._optimiser = torch.optim.Adam(parameters, self.settings.learning_rate, BETAS, EPSILON)

    def run(
        self, images: ImageSet, generator: torch.Generator, progress: Progress | None = None
    ) -> list[float]:
        """Train on `images`; the mean loss of each epoch. Batches are drawn from `generator`, on the CPU.

        The network is left in training mode. Raises BadInputError where the loss is NaN or infinite.
        """
        self.network.train()
        progress = progress or Progress()
        losses = self._restore(progress.load(), generator)
        while len(losses) < self.settings.epochs:
            steps = [self.step(*batch) for batch in self.batches(images, generator)]
            losses.append(float(torch.stack(steps).mean()))
            if not math.isfinite(losses[-1]):
                raise BadInputError(
                    f"Training has diverged in epoch {len(losses)}: its loss is {losses[-1]}; lower "
                    "'learning_rate'."
                )
            progress.save(lambda: self._state(losses, generator))
        return losses

    def batches(self, images: ImageSet, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch of standardised images and labels; partners come on top of `batch_size`."""
        for places in self._places(images, generator):
            if self.objective.paired:
                places = torch.cat([places, drawn_partners(places, images.labels, generator)])
            yield images.standardise(images.images[places]), images.labels[places]

    def _places(self, images: ImageSet, generator: torch.Generator) -> Iterator[Tensor]:
        size = self.settings.batch_size
        count = batch_count(len(images), size)
        if self.objective.balanced:
            yield from balanced_batches(images.labels, size, count, generator)
            return
        order = torch.randperm(len(images), generator=generator).to(images.images.device)
        yield from order.split(size)[:count]

    def step(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """One step down the loss of a batch, which is returned."""
        loss: Tensor = self.objective(self.network(pixels), labels)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        self.objective.after_step()
        return loss.detach()

    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "objective": self.objective, "optimiser": self._optimiser}

    def _state(self, losses: list[float], generator: torch.Generator) -> dict[str, Any]:
        states = {name: part.state_dict() for name, part in self._parts().items()}
        return {**states, "losses": losses, "chance": chance_of([generator])}

    def _restore(self, state: dict[str, Any] | None, generator: torch.Generator) -> list[float]:
        """Take up what `_state` gave after some epoch; the losses until then."""
        if state is None:
            return []
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        set_chance(state["chance"], [generator])
        losses: list[float] = state["losses"]
        return losses
