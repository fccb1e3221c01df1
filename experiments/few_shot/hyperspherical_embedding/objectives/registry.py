"""The objectives by their names in a configuration."""

from __future__ import annotations

from experiments.few_shot.hyperspherical_embedding.objectives.arcface import ArcFace
from experiments.few_shot.hyperspherical_embedding.objectives.contrastive import Contrastive
from experiments.few_shot.hyperspherical_embedding.objectives.normalised_softmax import (
    LearnedScale,
    NormalisedSoftmax,
    ReparameterisedSoftmax,
)
from experiments.few_shot.hyperspherical_embedding.objectives.objective import Objective
from experiments.few_shot.hyperspherical_embedding.objectives.prototypical import Prototypical
from experiments.few_shot.hyperspherical_embedding.objectives.siamese import Siamese
from experiments.few_shot.hyperspherical_embedding.objectives.softmax import Softmax
from experiments.few_shot.hyperspherical_embedding.objectives.supervised_contrastive import (
    SupervisedContrastive,
)
from experiments.few_shot.hyperspherical_embedding.objectives.triplet import BatchHardTriplet
from experiments.few_shot.hyperspherical_embedding.settings import ObjectiveSettings


def build_objective(settings: ObjectiveSettings, classes: int, dimension: int) -> Objective:
    """The objective that `settings` names; what is random in it comes from torch's global generator."""
    match settings.name:
        case "normalised_softmax":
            return NormalisedSoftmax(classes, dimension, settings.scale)
        case "normalised_softmax_reparameterised":
            return ReparameterisedSoftmax(classes, dimension, settings.scale)
        case "learned_scale":
            return LearnedScale(classes, dimension, settings.scale)
        case "arcface":
            return ArcFace(classes, dimension, settings.scale, settings.margin)
        case "softmax":
            return Softmax(classes, dimension)
        case "triplet":
            return BatchHardTriplet(settings.margin)
        case "contrastive":
            return Contrastive(settings.margin)
        case "siamese":
            return Siamese(settings.margin)
        case "supervised_contrastive":
            return SupervisedContrastive(settings.temperature)
        case "prototypical":
            return Prototypical(settings.shots)
