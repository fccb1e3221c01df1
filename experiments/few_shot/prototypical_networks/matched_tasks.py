"""Step `matched_tasks`: train an embedding on tasks with the shots of the test, for each number of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from common.runs.job import Job, Result
from experiments.few_shot.prototypical_networks.settings import Frozen, TestSettings
from experiments.few_shot.settings import EmbeddingSettings, TaskSettings

if TYPE_CHECKING:
    from common.checkpoints import Progress
    from experiments.few_shot.class_images import ClassImages
    from experiments.few_shot.supervised import Study


class Settings(EmbeddingSettings):
    """What is trained, and tested; conditions name `ways` and `shots` of the test episodes, and `features`.

    Attributes:
        tasks: of the training, whose shots become those of the test.
    """

    tasks: TaskSettings
    test: TestSettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train once for each number of shots, and yield the accuracy for each condition."""
    from dataclasses import replace

    from common.training.device import best_device
    from experiments.few_shot.class_images import load_class_images
    from experiments.few_shot.prototypical_networks.trial import trial

    settings = job.settings
    images = load_class_images(settings.data, job.root, job.folders, job.seed, best_device())
    trained: dict[int, tuple[Frozen, list[float]]] = {}
    assert job.implementation is not None  # the step's methods are modules
    for condition in job.conditions:
        shots = int(condition["shots"])
        if shots not in trained:
            trained[shots] = _trained(job, images, shots)
        frozen, losses = trained[shots]
        result = trial(job.implementation.classify, frozen, settings.test, condition, job.seed)
        yield replace(result, curves={"task_loss": losses})


def _trained(job: Job[Settings], images: ClassImages, shots: int) -> tuple[Frozen, list[float]]:
    from common.training.device import best_device
    from common.training.seeding import stream_seed
    from experiments.few_shot.backbones import fresh_network
    from experiments.few_shot.supervised import Study, embedding_facts

    settings, device = job.settings, best_device()
    tasks = settings.tasks.model_copy(update={"shots": shots})
    start = stream_seed(job.seed, job.step)  # the same for every number of shots
    network = fresh_network(settings.backbone, tasks.ways, images.channels, start, device)
    study = Study(images, network, device)
    shown = tasks.episodes * tasks.ways * (tasks.shots + tasks.queries)
    facts = embedding_facts(
        settings.data,
        settings.backbone,
        study,
        shown / len(images.base),
        f"{tasks.ways}-way tasks, {job.method}",
    )
    kept = job.checkpoints.kept(
        f"features for {shots} shots", lambda progress: _learned(job, study, tasks, progress)
    )
    features, labels = kept["features"], images.judged.labels.cpu()
    return Frozen(features, labels, features.new_zeros(features.shape[1]), facts), kept["losses"]


def _learned(job: Job[Settings], study: Study, tasks: TaskSettings, progress: Progress) -> dict[str, Any]:
    """Features of the novel images, and the loss of each step."""
    from common.training.seeding import generator, seeded_initialisation, stream_seed
    from experiments.few_shot.embeddings import clean_features
    from experiments.few_shot.episodic_embedding import task_gradients
    from experiments.few_shot.tasks import learn_from_tasks, training_tasks

    network = study.network.train()
    assert job.implementation is not None  # the step's methods are modules
    gradients = task_gradients(network, job.implementation.classify)
    stream = training_tasks(study.images.base, tasks, generator(job.seed, f"tasks of {tasks.shots} shots"))
    with seeded_initialisation(stream_seed(job.seed, f"{job.step} dropping")):
        losses = learn_from_tasks(network, stream, tasks, gradients, progress)
    return {"features": clean_features(network.eval(), study.images.judged), "losses": losses}
