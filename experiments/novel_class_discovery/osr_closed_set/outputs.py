"""What a network makes of images: features and logits, from which all scores are computed."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from common.strict import BadInputError
from common.training.image_set import ImageSet
from experiments.novel_class_discovery.osr_closed_set.networks import Backbone

Floats = NDArray[np.float64]


class Outputs(NamedTuple):
    """Features `[n, dimension]`, logits `[n, classes]` and labels `[n]`."""

    features: Floats
    logits: Floats
    labels: NDArray[np.int64]

    def at(self, chosen: NDArray[np.bool_]) -> Outputs:
        """Of the images that are `chosen`, `[n]`."""
        return Outputs(self.features[chosen], self.logits[chosen], self.labels[chosen])

    def correct(self) -> NDArray[np.bool_]:
        """Whether the largest logit is that of the label, `[n]`."""
        right: NDArray[np.bool_] = self.logits.argmax(axis=1) == self.labels
        return right


@torch.no_grad()
def outputs_of(network: nn.Module, images: ImageSet) -> Outputs:
    """In evaluation mode and float32, never in bfloat16, whose ties would count as half right.

    Raises BadInputError where a logit isn't finite.
    """
    network.eval()
    backbone = cast(Backbone, network)
    features = torch.cat([backbone.features(batch.images).float() for batch in images.clean()])
    logits = backbone.classifier(features)
    if not torch.isfinite(logits).all():
        raise BadInputError(
            "A network's logits are not finite, so that its training diverged; lower its 'learning_rate'."
        )
    return Outputs(
        features.double().cpu().numpy(), logits.double().cpu().numpy(), images.labels.cpu().numpy()
    )
