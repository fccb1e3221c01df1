"""Accuracy per episode and its interval."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import t

from common.strict import BadInputError
from experiments.few_shot.accuracy import accuracy_metrics, episode_accuracies
from experiments.few_shot.baselines.nearest_class_mean import classify
from experiments.few_shot.episodes import Episodes
from experiments.few_shot.features import gather

FEATURES = torch.tensor([[0.0], [0.1], [1.0], [0.9], [0.2], [0.8]])
EPISODES = Episodes(  # image 4 belongs to the first class in one task, and to the second in the other
    classes=torch.tensor([[0, 1], [0, 1]]),
    support=torch.tensor([[[0], [2]], [[0], [2]]]),
    queries=torch.tensor([[[1, 4], [3, 5]], [[1, 1], [3, 4]]]),
)


def test_each_episode_has_an_accuracy_of_its_own() -> None:
    found = episode_accuracies(classify, gather(FEATURES, EPISODES), 2)
    assert found.tolist() == [1.0, 0.75]


def test_copies_stand_for_the_support_image() -> None:
    copies = torch.stack([FEATURES, FEATURES + 0.2], dim=1)
    batch = gather(FEATURES, EPISODES, copies)
    assert torch.allclose(batch.support[0, :, 0], torch.tensor([0.0, 0.2, 1.0, 1.2]))
    assert batch.labels.tolist() == [0, 0, 1, 1]
    assert torch.equal(batch.queries, gather(FEATURES, EPISODES).queries)


def test_the_interval_is_student_s() -> None:
    accuracies = torch.tensor([0.2, 0.4, 0.9], dtype=torch.float64)
    metrics = accuracy_metrics(accuracies)
    low, high = t.interval(0.95, 2, loc=50, scale=100 * 0.36055512754639896 / 3**0.5)
    assert metrics["accuracy"] == pytest.approx(50)
    assert 2 * metrics["half_width"] == pytest.approx(high - low)


def test_one_episode_has_no_interval() -> None:
    with pytest.raises(BadInputError, match=r"1 episode\(s\) have no standard error"):
        accuracy_metrics(torch.ones(1))
