"""Step `generation_<n>`: a network is born again, taught by the one before it and by the labels.

Tian et al. 2020, arXiv 2003.11539, section 3.3, after Furlanello et al. 2018 (arXiv 1805.04770): φ_g =
argmin α CE(D; φ) + β KL(p_{g-1} ‖ p_φ), both softened by a temperature T, from a random start each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import SupervisedSettings

if TYPE_CHECKING:
    from torch import Tensor, nn

    from common.training.image_set import Batch


class Settings(SupervisedSettings):
    """How a student is taught.

    Attributes:
        temperature: of teacher and student.
        label_weight, teacher_weight: α and β above; the official code calls them gamma and alpha.
    """

    temperature: float = Field(gt=0)
    label_weight: float = Field(ge=0)
    teacher_weight: float = Field(ge=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the student's embedding as the artefact, and yield its accuracies on base classes."""
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.supervised import learn, open_study

    if len(job.inputs) != 1:
        raise BadInputError(f"Step '{job.step}' learns from one teacher: name its step under 'needs'.")
    (path,) = job.inputs.values()
    study = open_study(job)
    teacher = teacher_of(study.network, Embedding.load(path).state)

    def loss(logits: Tensor, batch: Batch, epoch: int) -> Tensor:
        return distillation_loss(logits, soft_logits(teacher, batch), batch.labels, job.settings)

    yield learn(job, study, "distilled classifier", loss)


def teacher_of(student: nn.Module, state: dict[str, Tensor]) -> nn.Module:
    """A network like the student with the weights of the generation before, which learns no more."""
    import copy

    teacher = copy.deepcopy(student)
    teacher.load_state_dict(state)
    return teacher.eval().requires_grad_(False)


def soft_logits(teacher: nn.Module, batch: Batch) -> Tensor:
    """What the teacher says of the same crops, `[batch, classes]`."""
    import torch

    with torch.no_grad():
        logits: Tensor = teacher(batch.images).float()
    return logits


def distillation_loss(student: Tensor, teacher: Tensor, labels: Tensor, settings: Settings) -> Tensor:
    """α CE + β T² KL(p_teacher^T ‖ p_student^T), means over the batch; logits `[batch, classes]`."""
    from torch.nn import functional as F

    soft = F.log_softmax(student / settings.temperature, dim=1)
    taught = F.log_softmax(teacher / settings.temperature, dim=1)
    divergence = F.kl_div(soft, taught, reduction="batchmean", log_target=True)
    labelled = settings.label_weight * F.cross_entropy(student, labels)
    return labelled + settings.teacher_weight * settings.temperature**2 * divergence
