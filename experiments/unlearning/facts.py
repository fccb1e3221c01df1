"""The protocol facts of a network after unlearning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.unlearning.original import training_facts
from experiments.unlearning.protocol import SettingsChosenOn, UnlearningFacts

if TYPE_CHECKING:
    from torch import Tensor

    from experiments.unlearning.session import Session


def unlearning_facts(session: Session, forget: Tensor, chosen_on: SettingsChosenOn) -> UnlearningFacts:
    """The facts of one cell."""
    settings, splits = session.settings, session.splits
    retained = len(splits.train) - len(forget)
    return UnlearningFacts(
        **training_facts(settings.data, settings.training, splits).model_dump(),
        forget_images=len(forget),
        attack_images=min(settings.membership.per_class, retained, len(splits.test)),
        settings_chosen_on=chosen_on,
    )
