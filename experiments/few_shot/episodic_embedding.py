"""Step `episodic_embedding`: train an embedding on tasks of base classes, for its own classifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from common.runs.job import Job, Result
from experiments.few_shot.settings import SupervisedSettings, TaskSettings

if TYPE_CHECKING:
    from torch import Tensor, nn

    from experiments.few_shot.accuracy import Classify
    from experiments.few_shot.backbones import Backbone
    from experiments.few_shot.tasks import Task


class Settings(SupervisedSettings):
    """What is trained, and on which tasks; `training` stays null."""

    tasks: TaskSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the embedding as the artefact, and yield the mean loss of the last tenth of the training."""
    from common.training.seeding import generator, seeded_initialisation, stream_seed
    from experiments.few_shot.embeddings import embed
    from experiments.few_shot.supervised import embedding_facts, open_study
    from experiments.few_shot.tasks import learn_from_tasks, training_tasks

    settings, study = job.settings, open_study(job)
    network, base = study.network.train(), study.images.base
    assert job.implementation is not None  # the step's methods are modules
    gradients = task_gradients(network, job.implementation.classify)
    tasks = training_tasks(base, settings.tasks, generator(job.seed, "training tasks"))
    progress = job.checkpoints.progress("training")
    with seeded_initialisation(stream_seed(job.seed, f"{job.step} dropping")):  # as dropout draws, too
        losses = learn_from_tasks(network, tasks, settings.tasks, gradients, progress)
    shape = settings.tasks
    shown = shape.episodes * shape.ways * (shape.shots + shape.queries)
    facts = embedding_facts(
        settings.data, settings.backbone, study, shown / len(base), f"tasks, {job.method}"
    )
    copies = generator(job.seed, "copies")
    assert job.artefact is not None  # the study was opened
    embed(network, base, study.images.judged, settings.copies, copies, facts).save(job.artefact)
    last = losses[-max(1, len(losses) // 10) :]
    yield Result(job.conditions[0], {"training_loss": sum(last) / len(last)}, facts, {"task_loss": losses})


def task_gradients(
    network: nn.Module, classify: Classify
) -> Callable[[list[Task]], tuple[Tensor, list[Tensor]]]:
    """What gives, for a meta-batch, its mean cross-entropy of queries and the gradient by each parameter."""
    import torch
    from torch.nn import functional as F

    features = cast("Backbone", network).features

    def gradients(tasks: list[Task]) -> tuple[Tensor, list[Tensor]]:
        losses = []
        for task in tasks:
            embedded = features(torch.cat([task.support, task.queries]))[None]
            support, queries = embedded.split([len(task.support), len(task.queries)], dim=1)
            scores = classify(support, task.support_labels, queries)[0]
            losses.append(F.cross_entropy(scores, task.query_labels))
        loss = torch.stack(losses).mean()
        return loss, list(torch.autograd.grad(loss, list(network.parameters()), materialize_grads=True))

    return gradients
