"""Step `gradient_meta_learning`: MAML and ANIL, trained on tasks of base classes and adapted to test
episodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.settings import EmbeddingSettings, EvaluationSettings, TaskSettings

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from experiments.few_shot.inner_loop import InnerLoop, Parameters
    from experiments.few_shot.supervised import Study


class Settings(EmbeddingSettings):
    """What is trained, and how it adapts; conditions name `shots` of the test episodes.

    Attributes:
        inner_steps, test_steps: gradient steps on the support in training and in the test.
        inner_rate: of these steps.
        head_only: the inner loop changes the last layer alone: ANIL.
        first_order: second derivatives are left out.
    """

    tasks: TaskSettings
    evaluation: EvaluationSettings
    inner_steps: int = Field(ge=0)
    test_steps: int = Field(ge=0)
    inner_rate: float = Field(gt=0)
    head_only: bool = False
    first_order: bool = False


def run(job: Job[Settings]) -> Iterator[Result]:
    """Train once, and yield the accuracy for each number of shots."""
    from common.training.device import best_device
    from common.training.seeding import stream_seed
    from experiments.few_shot.backbones import ConvNet4, fresh_network
    from experiments.few_shot.class_images import load_class_images
    from experiments.few_shot.supervised import Study

    settings, device = job.settings, best_device()
    images = load_class_images(settings.data, job.root, job.folders, job.seed, device)
    start = stream_seed(job.seed, job.step)
    network = fresh_network(settings.backbone, settings.tasks.ways, images.channels, start, device)
    if not isinstance(network, ConvNet4):
        raise BadInputError(f"MAML and ANIL are written for ConvNet-4, not for {settings.backbone}.")
    study = Study(images, network, device)
    losses = _train(job, study)
    for condition in job.conditions:
        yield _evaluated(job, study, condition, losses)


def _train(job: Job[Settings], study: Study) -> list[float]:

    from common.training.seeding import generator
    from experiments.few_shot.inner_loop import outer_gradients
    from experiments.few_shot.tasks import Task, learn_from_tasks, training_tasks

    loop = _loop(job.settings, job.settings.inner_steps)

    def gradients(tasks: list[Task]) -> tuple[torch.Tensor, list[torch.Tensor]]:
        parameters = {name: value.detach() for name, value in study.network.named_parameters()}
        loss, found = outer_gradients(loop, parameters, tasks)
        return loss, [found[name] for name in parameters]

    tasks = training_tasks(study.images.base, job.settings.tasks, generator(job.seed, "training tasks"))
    shape = job.settings.tasks
    progress = job.checkpoints.progress(f"training on {shape.ways} ways and {shape.shots} shots")
    return learn_from_tasks(study.network, tasks, job.settings.tasks, gradients, progress)


def _evaluated(job: Job[Settings], study: Study, condition: dict[str, Any], losses: list[float]) -> Result:
    from common.training.seeding import generator
    from experiments.few_shot.accuracy import accuracy_metrics
    from experiments.few_shot.episodes import EpisodeShape, sample_episodes
    from experiments.few_shot.protocol import EpisodeFacts
    from experiments.few_shot.supervised import embedding_facts

    settings, shots = job.settings, int(condition["shots"])
    test, tasks, judged = settings.evaluation, settings.tasks, study.images.judged
    shape = EpisodeShape(test.ways, shots, test.queries)
    draws = generator(job.seed, f"test episodes of {shots} shots")  # as every other learner of the seed
    episodes = sample_episodes(judged.labels, shape, test.episodes, draws)
    loop = _loop(settings, settings.test_steps)
    parameters = {name: value.detach() for name, value in study.network.named_parameters()}
    pixels = next(judged.clean(len(judged))).images
    accuracies = job.checkpoints.kept(
        f"test of {test.ways} ways and {shots} shots",
        lambda _: adapted_accuracies(loop, parameters, pixels, episodes.support, episodes.queries),
    )
    shown = tasks.episodes * tasks.ways * (tasks.shots + tasks.queries)
    passes = shown / len(study.images.base)
    learned = embedding_facts(settings.data, settings.backbone, study, passes, f"tasks, {job.method}")
    facts = EpisodeFacts(
        **learned.model_dump(),
        test_images=len(judged),
        ways=test.ways,
        shots=shots,
        queries=test.queries,
        episodes=test.episodes,
        inference="inductive",
        normalisation="support_statistics",
        features="adapted",
        support_copies=0,
    )
    return Result(condition, accuracy_metrics(accuracies), facts, {"task_loss": losses})


def adapted_accuracies(
    loop: InnerLoop, parameters: Parameters, pixels: Tensor, support: Tensor, queries: Tensor
) -> Tensor:
    """Share of queries right in each task, float64 `[episodes]`; each task's copy of the network adapts.

    Args:
        pixels: standardised images `[n, channels, h, w]` that `support` and `queries`, places
            `[episodes, ways, count]`, point into.
    """
    import torch

    def right(shown: Tensor, asked: Tensor) -> Tensor:
        labels, truth = (
            torch.arange(len(places), device=pixels.device).repeat_interleave(places.shape[1])
            for places in (shown, asked)
        )
        images = (pixels[places.flatten().to(pixels.device)] for places in (shown, asked))
        shown_images, asked_images = images
        logits = loop.query_logits(parameters, shown_images, labels, asked_images)
        return (logits.argmax(-1) == truth).double().mean()

    found = [right(shown, asked) for shown, asked in zip(support, queries, strict=True)]
    return torch.stack(found).cpu()


def _loop(settings: Settings, steps: int) -> InnerLoop:
    from experiments.few_shot.inner_loop import InnerLoop

    return InnerLoop(steps, settings.inner_rate, settings.head_only, settings.first_order)
