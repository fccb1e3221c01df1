"""A network of timm in the form that the methods expect: features, and a linear classifier apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from common.strict import BadInputError


class TimmNetwork(nn.Module):
    """Computes what the network of timm does.

    Raises BadInputError for a network whose last layer is no linear one.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        classifier = network.get_classifier()
        if not isinstance(classifier, nn.Linear):
            raise BadInputError(
                f"The network ends in {type(classifier).__name__}, and methods need a linear classifier on "
                f"top of features. Take another one of timm."
            )
        network.reset_classifier(0)  # from now on it returns what the classifier was given
        self.body, self.classifier = network, classifier

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(images))
        return logits

    def features(self, images: Tensor) -> Tensor:
        """Penultimate features `[batch, d]`."""
        found: Tensor = self.body(images)
        return found

    @property
    def stages(self) -> Sequence[nn.Module]:
        """The successive stages of a residual network; none where the network isn't one."""
        names = [f"layer{number}" for number in range(1, 5)]
        return [getattr(self.body, name) for name in names if hasattr(self.body, name)]
