"""A rule judged on a frozen embedding: its test episodes, its accuracy in each, and the facts of both."""

from __future__ import annotations

from torch import Tensor

from common.training.seeding import generator
from experiments.few_shot.accuracy import Classify, episode_accuracies
from experiments.few_shot.embeddings import Embedding
from experiments.few_shot.episodes import Episodes, EpisodeShape, sample_episodes
from experiments.few_shot.features import gather, normalised
from experiments.few_shot.protocol import EpisodeFacts
from experiments.few_shot.settings import EvaluationSettings


def episodes_of(embedding: Embedding, settings: EvaluationSettings, shots: int, seed: int) -> Episodes:
    """The same for every learner of a seed, so that they can be compared in pairs."""
    shape = EpisodeShape(settings.ways, shots, settings.queries)
    draws = generator(seed, f"test episodes of {shots} shots")
    return sample_episodes(embedding.labels, shape, settings.episodes, draws)


def frozen_accuracies(
    classify: Classify, embedding: Embedding, episodes: Episodes, how: str, copies: int
) -> Tensor:
    """Share of queries classified correctly in each episode, float64 `[episodes]` in 0..1.

    `how` names the normalisation of the features; each support is represented by `copies` augmented ones,
    or, for 0, by itself.
    """
    features = normalised(embedding.features, how, embedding.base_mean)
    augmented = embedding.with_copies(copies)
    if augmented is not None:
        augmented = normalised(augmented, how, embedding.base_mean)
    return episode_accuracies(classify, gather(features, episodes, augmented), episodes.queries.shape[2])


def episode_facts(
    embedding: Embedding, settings: EvaluationSettings, shots: int, how: str, copies: int
) -> EpisodeFacts:
    """What an inductive accuracy on a frozen embedding is a mean over."""
    return EpisodeFacts(
        **embedding.facts.model_dump(),
        test_images=len(embedding.labels),
        ways=settings.ways,
        shots=shots,
        queries=settings.queries,
        episodes=settings.episodes,
        inference="inductive",
        normalisation="running_statistics",
        features=how,
        support_copies=copies,
    )
