"""Step `relation_learning`: a relation network, trained on tasks of base classes and tested on others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EmbeddingSettings, EvaluationSettings, TaskSettings

if TYPE_CHECKING:
    from torch import Tensor

    from experiments.few_shot.baselines.relation_network import RelationNetwork
    from experiments.few_shot.supervised import Study
    from experiments.few_shot.tasks import Task

TOGETHER = 10  # test episodes that are compared at once: a pair of maps for each query and class


class Settings(EmbeddingSettings):
    """What is trained and tested; conditions name `shots` of the test episodes."""

    tasks: TaskSettings
    evaluation: EvaluationSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train once, and yield the accuracy for each number of shots."""
    study, network = _study(job)
    losses = _train(job, study, network)
    for condition in job.conditions:
        yield _evaluated(job, study, network, condition, losses)


def _study(job: Job[Settings]) -> tuple[Study, RelationNetwork]:
    from common.training.device import best_device, place
    from common.training.seeding import seeded_initialisation, stream_seed
    from experiments.few_shot.backbones import ConvNet4, fresh_network
    from experiments.few_shot.baselines.relation_network import RelationNetwork
    from experiments.few_shot.shared_images import shared_images
    from experiments.few_shot.supervised import Study

    settings, device, images = job.settings, best_device(), shared_images(job)
    start = stream_seed(job.seed, job.step)
    backbone = fresh_network(settings.backbone, settings.tasks.ways, images.channels, start, device)
    if not isinstance(backbone, ConvNet4):
        raise BadInputError(f"Relation networks are written for ConvNet-4, not for {settings.backbone}.")
    with seeded_initialisation(stream_seed(start, "relation module")):
        network = RelationNetwork(backbone)
    return Study(images, place(network, device), device), network


def _train(job: Job[Settings], study: Study, network: RelationNetwork) -> list[float]:
    import torch

    from common.training.seeding import generator
    from experiments.few_shot.tasks import learn_from_tasks, training_tasks

    network.train()

    def gradients(tasks: list[Task]) -> tuple[Tensor, list[Tensor]]:
        loss = torch.stack([_loss(network, task) for task in tasks]).mean()
        return loss, list(torch.autograd.grad(loss, list(network.parameters())))

    tasks = training_tasks(study.images.base, job.settings.tasks, generator(job.seed, "training tasks"))
    progress = job.checkpoints.progress("training")
    return learn_from_tasks(network, tasks, job.settings.tasks, gradients, progress)


def _loss(network: RelationNetwork, task: Task) -> Tensor:
    import torch

    from experiments.few_shot.baselines.relation_network import RelationTasks, classify, relation_loss

    maps = network.maps(torch.cat([task.support, task.queries]))[None]
    support, queries = maps.split([len(task.support), len(task.queries)], dim=1)
    scores = classify(network, RelationTasks(support, task.support_labels, queries))
    return relation_loss(scores, task.query_labels)


def _evaluated(
    job: Job[Settings],
    study: Study,
    network: RelationNetwork,
    condition: dict[str, Scalar],
    losses: list[float],
) -> Result:
    from experiments.few_shot.accuracy import accuracy_metrics
    from experiments.few_shot.protocol import EpisodeFacts
    from experiments.few_shot.supervised import embedding_facts

    settings, shots = job.settings, int(condition["shots"])
    test, tasks = settings.evaluation, settings.tasks
    accuracies = job.checkpoints.kept(
        f"test of {shots} shots", lambda _: _accuracies(job, study, network, shots)
    )
    shown = tasks.episodes * tasks.ways * (tasks.shots + tasks.queries)
    passes = shown / len(study.images.base)
    learned = embedding_facts(settings.data, settings.backbone, study, passes, f"tasks, {job.method}")
    facts = EpisodeFacts(
        **learned.model_dump(),
        test_images=len(study.images.judged),
        ways=test.ways,
        shots=shots,
        queries=test.queries,
        episodes=test.episodes,
        inference="inductive",
        normalisation="running_statistics",
        features="maps",
        support_copies=0,
    )
    return Result(condition, accuracy_metrics(accuracies), facts, {"task_loss": losses})


def _accuracies(job: Job[Settings], study: Study, network: RelationNetwork, shots: int) -> Tensor:
    """Share of queries right in each task, float64 `[episodes]`, in evaluation mode."""
    import torch

    from common.training.seeding import generator
    from experiments.few_shot.baselines.relation_network import RelationTasks, classify
    from experiments.few_shot.episodes import EpisodeShape, sample_episodes

    test, judged = job.settings.evaluation, study.images.judged
    shape = EpisodeShape(test.ways, shots, test.queries)
    draws = generator(job.seed, f"test episodes of {shots} shots")  # as every other learner of the seed
    episodes = sample_episodes(judged.labels, shape, test.episodes, draws)
    names = torch.arange(test.ways, device=study.device)
    labels, truth = names.repeat_interleave(shots), names.repeat_interleave(test.queries)
    found = []
    with torch.no_grad():
        network.eval()
        maps = torch.cat([network.maps(batch.images) for batch in judged.clean()])
        for support, queries in zip(
            episodes.support.split(TOGETHER), episodes.queries.split(TOGETHER), strict=True
        ):
            shown, asked = (maps[places.flatten(1).to(maps.device)] for places in (support, queries))
            scores = classify(network, RelationTasks(shown, labels, asked))
            found.append((scores.argmax(-1) == truth).double().mean(-1).cpu())
    return torch.cat(found)
