"""CAFA: class-aware feature alignment.

Jung, Lee, Kim, Shaban, Boots, Choo: CAFA: Class-Aware Feature Alignment for Test-Time Adaptation, ICCV 2023,
arXiv 2206.00205. Test features are drawn towards the source's Gaussian of the class predicted and away from
those of the others; scale and shift of batch normalisation learn. There is no weight to choose between the
two.
"""

from __future__ import annotations

from pydantic import Field
from torch import Tensor

from common.strict import BadInputError, StrictModel
from experiments.test_time_adaptation.cafa.gaussians import Kind, fit, source_features
from experiments.test_time_adaptation.cafa.losses import (
    Form,
    alignment_of_moments,
    class_aware_alignment,
    inter,
    intra,
)
from experiments.test_time_adaptation.descending import descend
from experiments.test_time_adaptation.normalisation import (
    check_batch,
    check_batch_normalisation,
    learnable,
    use_batch_statistics,
)
from experiments.test_time_adaptation.online import OnlineAdapter, Start
from experiments.test_time_adaptation.protocol import MethodFacts

ONLINE = MethodFacts(statistics="test_batch", adapted="affine", source_data="labelled_statistics")


class Options(StrictModel):
    """Defaults: the paper's method.

    Attributes:
        gaussians: of the source; `whole` aligns all features to one, whatever class they are taken for.
        form: of the loss, see `losses.py`.
        weight: of the second term; 1: there is none to choose.
        ridge: added to covariances, as a share of their mean diagonal.
    """

    gaussians: Kind = "per_class"
    form: Form = "ratio_of_means"
    weight: float = Field(default=1.0, ge=0)
    ridge: float = Field(default=0.001, gt=0)


class ClassAwareAlignment:
    """The network, and the Gaussians that its source features had.

    `course`: of each batch, before the update, the mean distances to the class predicted and to the others.
    """

    def __init__(self, start: Start) -> None:
        if start.sample is None:
            raise BadInputError("CAFA needs labelled images of the source: set 'source_images'.")
        check_batch_normalisation(start.network)
        self.network, self.options = start.network, start.options
        network, sample = start.network, start.sample
        features = sample.once("features", lambda: source_features(network, sample))
        classes = start.network.classifier.out_features
        self.gaussians = fit(
            features, start.sample.labels, classes, start.options.gaussians, start.options.ridge
        )
        use_batch_statistics(start.network)
        self.optimiser = start.optimiser(learnable(start.network, ONLINE.adapted))
        self.course: list[dict[str, float]] = []

    def step(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` from before the update."""
        check_batch(images)
        features = self.network.features(images)
        logits: Tensor = self.network.classifier(features)
        descend(self.optimiser, self._loss(features, logits.detach().argmax(dim=1)))
        return logits.detach()

    def _loss(self, features: Tensor, labels: Tensor) -> Tensor:
        if self.options.gaussians == "whole":
            return alignment_of_moments(features, self.gaussians.means[0], self.gaussians.whitening[0])
        distances = self.gaussians.distances(features)
        near, far = (float(term(distances.detach(), labels).mean()) for term in (intra, inter))
        self.course.append({"intra": near, "inter": far})
        return class_aware_alignment(distances, labels, self.options.form, self.options.weight)


def online(start: Start) -> OnlineAdapter:
    """The method as the online protocol wants it."""
    return ClassAwareAlignment(start)
