"""Step `embedding_<ways>_<shots>`: an embedding is trained on tasks by a weighted sum of loss terms.

Arms of one seed share images, tasks and the network they start from, and steps of one seed share all but the
tasks. Several tasks of a step (`meta_batch`) are embedded at once, and normalised by their common statistics.
Where the step needs another one, training starts from the network of that step's artefact.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EmbeddingSettings, TaskSettings

if TYPE_CHECKING:
    from torch import Tensor, nn

    from experiments.few_shot.protocol import EmbeddingFacts
    from experiments.few_shot.supervised import Study
    from experiments.few_shot.susana_distancia.embedded_tasks import EmbeddedTasks
    from experiments.few_shot.tasks import Task

MEAN_OF = 2000  # base images: to embed all of them would take longer than a short training


class Settings(EmbeddingSettings):
    """What is trained, on which tasks, and by what.

    Attributes:
        terms: of the loss, with their weights; none: the network is left as it was initialised.
        learning_rate: of this arm, where it isn't that of `tasks`.
    """

    tasks: TaskSettings
    terms: dict[str, float]
    learning_rate: float | None = Field(default=None, gt=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the embedding as the artefact, and yield the mean loss of the last tenth of the training."""
    import torch

    from common.training.seeding import generator
    from experiments.few_shot.embeddings import embed

    if job.artefact is None:
        raise BadInputError(f"Step '{job.step}' has no 'artefact' to keep its embedding in: name it.")
    study = _study(job)
    losses = _train(job, study) if job.settings.terms else []
    base, judged = study.images.base, study.images.judged
    few = base.subset(torch.randperm(len(base), generator=generator(job.seed, "base mean"))[:MEAN_OF])
    facts = _facts(job, study)
    copies = generator(job.seed, "copies")
    embed(study.network, few, judged, job.settings.copies, copies, facts).save(job.artefact)
    last = losses[-max(1, len(losses) // 10) :]
    metrics = {"training_loss": sum(last) / len(last)} if losses else {}
    yield Result(job.conditions[0], metrics, facts, {"task_loss": losses} if losses else None)


def _facts(job: Job[Settings], study: Study) -> EmbeddingFacts:
    from experiments.few_shot.supervised import embedding_facts

    settings, shape = job.settings, job.settings.tasks
    shown = shape.episodes * shape.ways * (shape.shots + shape.queries) if settings.terms else 0
    objective = f"{shape.ways}-way {shape.shots}-shot tasks, {described(settings.terms)}"
    stages = [*(["linear classifier"] if job.inputs else []), *([objective] if settings.terms else [])]
    said, passes = ", then ".join(stages) or "none", shown / len(study.images.base)
    return embedding_facts(settings.data, settings.backbone, study, passes, said)


def described(terms: dict[str, float]) -> str:
    """The loss in words, such as `0.5 cross + 0.5 proto_triplet`."""
    return " + ".join(f"{weight:.4g} {name}" for name, weight in terms.items())


def embedded(network: nn.Module, tasks: list[Task]) -> EmbeddedTasks:
    """The features of tasks of one shape, all images in one batch."""
    from typing import cast

    import torch

    from experiments.few_shot.backbones import Backbone
    from experiments.few_shot.susana_distancia.embedded_tasks import EmbeddedTasks, Points

    first = tasks[0]
    images = torch.cat([part for task in tasks for part in (task.support, task.queries)])
    features = cast(Backbone, network).features(images).unflatten(0, (len(tasks), -1))
    support, queries = features.split([len(first.support_labels), len(first.query_labels)], dim=1)
    return EmbeddedTasks(Points(support, first.support_labels), Points(queries, first.query_labels))


def _study(job: Job[Settings]) -> Study:
    from common.training.device import best_device
    from common.training.seeding import stream_seed
    from experiments.few_shot.backbones import fresh_network
    from experiments.few_shot.embeddings import Embedding
    from experiments.few_shot.shared_images import shared_images
    from experiments.few_shot.supervised import Study

    settings, device, images = job.settings, best_device(), shared_images(job)
    start = stream_seed(job.seed, "embedding")  # whatever the step is called
    network = fresh_network(settings.backbone, len(images.partition.base), images.channels, start, device)
    for path in job.inputs.values():
        network.load_state_dict(Embedding.load(path).state)
    return Study(images, network, device)


def _train(job: Job[Settings], study: Study) -> list[float]:
    """The loss of each step."""
    import torch

    from common.training.seeding import generator, seeded_initialisation, stream_seed
    from experiments.few_shot.susana_distancia.terms import weighted_sum
    from experiments.few_shot.tasks import learn_from_tasks, training_tasks

    settings, network = job.settings, study.network.train()

    def gradients(tasks: list[Task]) -> tuple[Tensor, list[Tensor]]:
        loss = weighted_sum(settings.terms, embedded(network, tasks))
        return loss, list(torch.autograd.grad(loss, list(network.parameters()), materialize_grads=True))

    rate = settings.learning_rate or settings.tasks.learning_rate
    how = settings.tasks.model_copy(update={"learning_rate": rate})
    tasks = training_tasks(study.images.base, how, generator(job.seed, "training tasks"))
    with seeded_initialisation(stream_seed(job.seed, "dropping")):  # as dropout draws, too
        return learn_from_tasks(network, tasks, how, gradients, job.checkpoints.progress("training"))
