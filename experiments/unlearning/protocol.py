"""The track's protocol: the facts that make two numbers comparable."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel
from common.training.settings import Precision

SettingsChosenOn = Literal["random_set", "worst_case_set", "random_class", "nothing_to_choose", "given"]


class TrainingFacts(StrictModel):
    """How a network was trained and on which images it is judged; `precision` is that of the training."""

    dataset: str
    network: str
    training_images: int
    test_images: int
    epochs: int
    augmentation: bool
    precision: Precision
    deterministic: bool = False


class UnlearningFacts(TrainingFacts):
    """How an unlearned network is judged against one that never saw the forget set.

    Attributes:
        forget_images: size of the forget set.
        attack: the classifier whose calls of "non-member" are counted as MIA.
        attack_images: members and, as many, non-members that train the attack.
        unlearning_precision: of the method's own descent; null for one that doesn't descend.
        settings_chosen_on: the forget set on which the method's learning rate was chosen.
    """

    forget_images: int
    attack: Literal["svc_confidence"] = "svc_confidence"
    attack_images: int
    unlearning_precision: Precision | None
    settings_chosen_on: SettingsChosenOn
