"""Test episodes of any number of ways on frozen features; all learners of a seed meet the same ones."""

from __future__ import annotations

import torch
from torch import Tensor

from common.records.schema import Scalar
from common.runs.job import Result
from common.training.seeding import generator
from experiments.few_shot.accuracy import Classify, accuracy_metrics, episode_accuracies
from experiments.few_shot.episodes import Episodes, EpisodeShape, sample_episodes
from experiments.few_shot.features import gather, normalised
from experiments.few_shot.protocol import EpisodeFacts
from experiments.few_shot.prototypical_networks.settings import Frozen, TestSettings

TOGETHER = 50  # episodes that are classified at once: of pixels, a tenth of a gigabyte


def trial(
    classify: Classify, frozen: Frozen, settings: TestSettings, condition: dict[str, Scalar], seed: int
) -> Result:
    """Accuracy over episodes of the condition's `ways` and `shots`, on features as its `features` says."""
    ways, shots, how = int(condition["ways"]), int(condition["shots"]), str(condition["features"])
    shape = EpisodeShape(ways, shots, settings.queries)
    draws = generator(seed, f"test episodes of {ways} ways and {shots} shots")
    episodes = sample_episodes(frozen.labels, shape, settings.episodes, draws)
    features = normalised(frozen.features, how, frozen.base_mean)
    facts = EpisodeFacts(
        **frozen.facts.model_dump(),
        test_images=len(frozen.labels),
        ways=ways,
        shots=shots,
        queries=settings.queries,
        episodes=settings.episodes,
        inference="inductive",
        normalisation="running_statistics",
        features=how,
        support_copies=0,
    )
    return Result(condition, accuracy_metrics(_accuracies(classify, features, episodes)), facts)


def _accuracies(classify: Classify, features: Tensor, episodes: Episodes) -> Tensor:
    questions = episodes.queries.shape[2]
    found = [
        episode_accuracies(classify, gather(features, Episodes(*parts)), questions)
        for parts in zip(
            *(part.split(TOGETHER) for part in (episodes.classes, episodes.support, episodes.queries)),
            strict=True,
        )
    ]
    return torch.cat(found)
