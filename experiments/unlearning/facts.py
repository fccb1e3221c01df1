"""The protocol facts of a network after unlearning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.unlearning.original import training_facts
from experiments.unlearning.protocol import SettingsChosenOn, UnlearningFacts

if TYPE_CHECKING:
    from torch import Tensor

    from experiments.unlearning.session import Session
    from experiments.unlearning.settings import MethodSettings


def unlearning_facts(
    session: Session, forget: Tensor, chosen_on: SettingsChosenOn, method: MethodSettings | None = None
) -> UnlearningFacts:
    """The facts of one cell; `method` is what the method was told, None for retraining."""
    descent = method.descent if method else None
    settings, splits = session.settings, session.splits
    retained = len(splits.train) - len(forget)
    return UnlearningFacts(
        **training_facts(settings.data, settings.training, splits).model_dump(),
        forget_images=len(forget),
        attack_images=min(settings.membership.per_class, retained, len(splits.test)),
        unlearning_precision=descent.precision if descent else None,
        settings_chosen_on=chosen_on,
    )
