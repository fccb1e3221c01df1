"""How far an unlearned network is from the one retrained without the forget set, as one number."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from common.strict import BadInputError


@dataclass(frozen=True)
class UnlearningScores:
    """The four scores of one network, in percent; raises BadInputError for one outside [0, 100] or NaN.

    UA, 100 - accuracy on the forget set; MIA, the share of it that an attack calls non-members; RA and TA,
    accuracy on the retain set and on the test set. (Fan et al., "Challenging Forgets", arXiv 2403.07362.)
    """

    unlearning_accuracy: float
    membership_efficacy: float
    retain_accuracy: float
    test_accuracy: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= 100:
                raise BadInputError(f"{field.name} is {value}, but it is a percentage between 0 and 100.")


def average_gap(scores: UnlearningScores, retrained: UnlearningScores) -> float:
    """Average Gap in points: the mean of |score - Retrain's| over UA, MIA, RA and TA; 0 is best.

    Fan et al., "Challenging Forgets", ECCV 2024 (arXiv 2403.07362).
    """
    names = [field.name for field in fields(UnlearningScores)]
    return sum(_difference(scores, retrained, name) for name in names) / len(names)


def tug_of_war(scores: UnlearningScores, retrained: UnlearningScores) -> float:
    """ToW in [0, 1]: the product of 1 - |accuracy - Retrain's| over forget, retain and test set; 1 is best.

    Zhao et al., "What makes unlearning hard and what to do about it", NeurIPS 2024 (arXiv 2406.01257).
    UA stands for the forget accuracy: both differ from Retrain's by as much.
    """
    return _closeness(scores, retrained, "unlearning_accuracy")


def tug_of_war_membership(scores: UnlearningScores, retrained: UnlearningScores) -> float:
    """ToW-MIA in [0, 1]: ToW with the MIA efficacy in place of the forget accuracy (Zhao et al. 2024)."""
    return _closeness(scores, retrained, "membership_efficacy")


def _closeness(scores: UnlearningScores, retrained: UnlearningScores, forgetting: str) -> float:
    names = (forgetting, "retain_accuracy", "test_accuracy")
    return math.prod(1.0 - _difference(scores, retrained, name) / 100.0 for name in names)


def _difference(scores: UnlearningScores, retrained: UnlearningScores, name: str) -> float:
    return abs(float(getattr(scores, name)) - float(getattr(retrained, name)))
