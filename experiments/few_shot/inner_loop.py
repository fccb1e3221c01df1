"""Adaptation to a task by gradient descent, which can be differentiated through: MAML and ANIL.

Finn, Abbeel, Levine: Model-Agnostic Meta-Learning, 2017, arXiv 1703.03400: φ' = φ − α ∇L_S(φ), repeated,
and the outer gradient is that of L_Q(φ') by φ, second derivatives included; its first-order variant takes
∇L_S as constant. Raghu, Raghu, Bengio, Vinyals: Rapid Learning or Feature Reuse?, 2020, arXiv 1909.09157
(ANIL): the inner loop changes the head alone.

Deviation: batch normalisation uses the statistics of the task's support, for queries as well. The official
code of MAML uses those of the query batch, which makes its published accuracies transductive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from experiments.few_shot.tasks import Task

Parameters = dict[str, Tensor]
EPSILON = 1e-5  # as in torch's batch normalisation


@dataclass(frozen=True)
class InnerLoop:
    """How a network adapts.

    Attributes:
        steps: of gradient descent on the whole support.
        rate: α.
        head_only: ANIL.
        first_order: inner gradients are constants.
    """

    steps: int
    rate: float
    head_only: bool = False
    first_order: bool = False

    def query_logits(
        self, parameters: Parameters, support: Tensor, labels: Tensor, queries: Tensor
    ) -> Tensor:
        """Logits `[questions, ways]` after adaptation; differentiable by `parameters`.

        Args:
            parameters: of a ConvNet-4 with a linear head, by name.
            support, queries: images `[n, channels, h, w]`.
            labels: int64 `[examples]`.
        """
        together, count = torch.cat([support, queries]), len(support)
        if not self.head_only:
            adapted = self.adapted(
                parameters, lambda fast: F.cross_entropy(head(fast, features(fast, support, count)), labels)
            )
            return head(adapted, features(adapted, together, count)[count:])
        embedded = features(parameters, together, count)
        last = {name: value for name, value in parameters.items() if name.startswith("classifier.")}
        adapted = self.adapted(last, lambda fast: F.cross_entropy(head(fast, embedded[:count]), labels))
        return head(adapted, embedded[count:])

    def adapted(self, fast: Parameters, loss: Callable[[Parameters], Tensor]) -> Parameters:
        """The parameters after the inner steps."""
        for _ in range(self.steps):
            gradients = torch.func.grad(loss)(fast)
            if self.first_order:
                gradients = {name: gradient.detach() for name, gradient in gradients.items()}
            fast = {name: value - self.rate * gradients[name] for name, value in fast.items()}
        return fast


def outer_gradients(loop: InnerLoop, parameters: Parameters, tasks: list[Task]) -> tuple[Tensor, Parameters]:
    """Mean loss of the queries of a meta-batch after adaptation, and its gradient by the parameters.

    Task after task: their graphs, second derivatives included, never fill the memory together.
    """

    def loss(start: Parameters, task: Task) -> Tensor:
        logits = loop.query_logits(start, task.support, task.support_labels, task.queries)
        return F.cross_entropy(logits, task.query_labels)

    found = [torch.func.grad_and_value(loss)(parameters, task) for task in tasks]
    mean = torch.stack([value for _, value in found]).mean()
    return mean, {
        name: torch.stack([gradients[name] for gradients, _ in found]).mean(dim=0) for name in parameters
    }


def features(parameters: Parameters, images: Tensor, support: int) -> Tensor:
    """ConvNet-4's `[n, width]` of images of which the first `support` give the statistics."""
    x = images
    for number in range(4):
        block = f"blocks.{number}"
        x = x if number == 0 else F.max_pool2d(x, 2)
        x = F.conv2d(x, parameters[f"{block}.convolution.weight"], padding=1)
        x = _normalised(x, support)
        scale, shift = parameters[f"{block}.normalisation.weight"], parameters[f"{block}.normalisation.bias"]
        x = F.relu(x * scale[:, None, None] + shift[:, None, None])
    return x.mean(dim=(2, 3))


def head(parameters: Parameters, embedded: Tensor) -> Tensor:
    """Logits of the linear layer."""
    return F.linear(embedded, parameters["classifier.weight"], parameters["classifier.bias"])


def _normalised(x: Tensor, support: int) -> Tensor:
    variance, mean = torch.var_mean(x[:support], dim=(0, 2, 3), correction=0, keepdim=True)
    return (x - mean) * (variance + EPSILON).rsqrt()
