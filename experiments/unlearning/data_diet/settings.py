"""Settings that the paper's steps share, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from common.strict import BadInputError, StrictModel
from experiments.unlearning.settings import DataSettings

Way = Literal["vmapped", "scanned", "looped"]


class DietData(DataSettings):
    """Which images, and which network of `networks.py` classifies them.

    Attributes:
        pooling: images are reduced by averaging squares of so many pixels a side.
        margin: reflected pixels around an image from which crops are drawn, one offset for a whole batch,
            with flips of single images; 0: neither. (The other papers of the track pad with black.)
    """

    pooling: int = Field(default=1, ge=1)


class DietTraining(StrictModel):
    """Hyperparameters of stochastic gradient descent with Nesterov momentum, as the paper has it.

    Attributes:
        epochs: passes over all data; what is trained on fewer examples takes as many steps.
        drops: shares of the steps after which the learning rate is multiplied by `drop`.
        steps_per_call: so many are one compiled program; convolutions within a longer one are slow on a CPU.
    """

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    learning_rate: float = Field(gt=0)
    drops: tuple[float, ...] = (0.3, 0.6, 0.8)
    drop: float = Field(default=0.2, gt=0, le=1)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=0.0005, ge=0)
    steps_per_call: int = Field(default=1, ge=1)

    def steps_per_epoch(self, images: int) -> int:
        """Batches of a pass over so many images, the last partial one dropped; refuses fewer than one."""
        if images < self.batch_size:
            raise BadInputError(
                f"{images} image(s) are less than a batch of {self.batch_size}. Keep more, or lower it."
            )
        return images // self.batch_size

    def epoch_at(self, trained: float) -> int:
        """Epochs after a share of the training, from 0, at initialisation, to 1."""
        return round(trained * self.epochs)

    def steps(self, images: int) -> int:
        """Steps of the whole training on so many images, which pruned sets are trained for too."""
        return self.epochs * self.steps_per_epoch(images)
