"""Self-training: a student learns from a teacher that is a past or present copy of itself.

Rusak et al. 2022, section 2 and appendix B: batch normalisation uses the statistics of the test batch,
only its scale and shift learn, by plain SGD.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from common.strict import BadInputError
from common.training.sgd import PlainSGD
from experiments.test_time_adaptation.normalisation import learnable, use_batch_statistics
from experiments.test_time_adaptation.settings import MethodSettings

Loss = Callable[[Tensor, Tensor], Tensor]

# same: the student itself, with its gradient · instant: the student of this step, without gradient
# epoch: a copy replaced after each pass · never: the source network
Teacher = Literal["same", "instant", "epoch", "never"]


class SelfTraining:
    """Adapts `network` in place with `loss(student logits, teacher logits)`."""

    def __init__(
        self, network: nn.Module, loss: Loss, teacher: Teacher, settings: MethodSettings, learning_rate: float
    ) -> None:
        use_batch_statistics(network)
        self.student = network
        self.loss = loss
        self.refresh = teacher
        self.temperatures = settings.student_temperature, settings.teacher_temperature
        parameters = learnable(network, settings.adapted)
        if not parameters:
            raise BadInputError("A method that learns adapts something: set 'adapted' to affine.")
        self.optimiser = PlainSGD(parameters, learning_rate, settings.momentum)
        self.teacher = copy.deepcopy(network) if teacher in ("epoch", "never") else None

    def update(self, images: Tensor) -> None:
        """One step of SGD on one batch."""
        student_temperature, teacher_temperature = self.temperatures
        student = self.student(images)
        teacher = self._teacher_logits(images, student)
        loss = self.loss(student / student_temperature, teacher / teacher_temperature)
        # Of a layer that the network has but doesn't use, the gradient is zero.
        gradients = torch.autograd.grad(loss, self.optimiser.parameters, materialize_grads=True)
        self.optimiser.step(gradients)

    def end_epoch(self) -> None:
        """Replace a per-epoch teacher by the student."""
        if self.refresh == "epoch" and self.teacher is not None:
            self.teacher.load_state_dict(self.student.state_dict())

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of the adapted student, with the batch's own statistics."""
        logits: Tensor = self.student(images)
        return logits

    def _teacher_logits(self, images: Tensor, student: Tensor) -> Tensor:
        if self.refresh == "same":
            return student
        if self.teacher is None:
            return student.detach()
        with torch.no_grad():
            logits: Tensor = self.teacher(images)
        return logits
