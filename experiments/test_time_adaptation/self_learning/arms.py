"""Step `arms`: self-training put together piece by piece, each arm a method of the step.

Loss, teacher schedule, confidence threshold, temperatures and what adapts are settings of the arm; all else
is as in `adaptation`. A step whose methods are modules may say on which data its settings were chosen, where
that was not done in the step itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import Field, model_validator

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.test_time_adaptation import adaptation
from experiments.test_time_adaptation.protocol import OfflineFacts
from experiments.test_time_adaptation.settings import MethodSettings

if TYPE_CHECKING:
    from torch import nn

    from experiments.test_time_adaptation.self_learning.self_training import Loss, SelfTraining

Teacher = Literal["same", "instant", "epoch", "never"]


class Settings(adaptation.Settings):
    """What an arm is made of.

    Attributes:
        loss: of section 2 of the paper; null where the method is a module.
        teacher: whose predictions are learned, see `self_training.py`.
        threshold: the least confidence of a teacher that is listened to; 0: all are.
        settings_chosen_on: which data picked the settings, where the step doesn't.
    """

    loss: Literal["hard", "soft", "entropy", "robust"] | None = None
    teacher: Teacher = "instant"
    threshold: float = Field(default=0.0, ge=0, lt=1)
    settings_chosen_on: Literal["development_corruptions", "published"] = "published"

    @model_validator(mode="after")
    def _entropy_is_of_the_student(self) -> Settings:
        if (self.loss == "entropy") != (self.teacher == "same"):
            raise ValueError("the loss 'entropy', and no other, has the teacher 'same'")
        return self


class ArmFacts(OfflineFacts):
    """Offline adaptation by parts.

    Attributes:
        loss, teacher, threshold: as in the settings; null where the method is a module with its own.
    """

    loss: str | None
    teacher: str | None
    threshold: float | None


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield what `adaptation` does, of the arm or of the method; BadInputError where there is neither."""
    if (job.implementation is None) == (job.settings.loss is None):
        raise BadInputError(
            f"Arm '{job.method}' needs a 'loss' (hard, soft, entropy, robust); a method that is a module "
            f"('method_modules') has its own and takes none."
        )
    if job.implementation is None:
        arm = SimpleNamespace(STATISTICS="test_batch", adapter=partial(_adapter, job.settings))
        job = replace(job, implementation=cast(Any, arm))
    for result in adaptation.run(cast(Job[adaptation.Settings], job)):
        yield replace(result, protocol=_facts(job.settings, cast(OfflineFacts, result.protocol)))


def _adapter(
    arm: Settings, network: nn.Module, settings: MethodSettings, learning_rate: float
) -> SelfTraining:
    from experiments.test_time_adaptation.self_learning.confidence import above
    from experiments.test_time_adaptation.self_learning.self_training import SelfTraining

    loss = _loss(arm)
    chosen = above(arm.threshold, loss) if arm.threshold else loss
    return SelfTraining(network, chosen, arm.teacher, settings, learning_rate)


def _loss(arm: Settings) -> Loss:
    from experiments.test_time_adaptation.self_learning import losses

    match arm.loss:
        case "hard":
            return losses.hard_pseudo_label
        case "soft":
            return losses.soft_pseudo_label
        case "entropy":
            return losses.entropy
    return partial(losses.robust_pseudo_label, q=arm.q)


def _facts(arm: Settings, found: OfflineFacts) -> ArmFacts:
    chosen = arm.settings_chosen_on if found.settings_chosen_on == "published" else found.settings_chosen_on
    own = arm.loss is not None
    facts = found.model_dump() | {"settings_chosen_on": chosen, "loss": arm.loss}
    return ArmFacts(**facts, teacher=arm.teacher if own else None, threshold=arm.threshold if own else None)
