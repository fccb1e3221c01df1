"""Baseline, Baseline++ and matching networks beside torch's own optimiser and sums worked out by hand."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from torch.nn import functional as F

from experiments.few_shot.baselines import baseline, baseline_plus_plus, matching_network
from experiments.few_shot.fine_tuning import fine_tuned, initial_weights
from tests.experiments.test_few_shot.test_base_learners import tasks

BATCH = tasks(dimension=6, shots=1, ways=4)  # four examples: each batch is the whole support


@pytest.mark.parametrize("learner", [baseline, baseline_plus_plus])
def test_heads_learn_as_with_torch_s_optimiser(learner: ModuleType) -> None:
    starts = [initial_weights(6, 4, 6, BATCH.support).clone()]
    if learner is baseline:
        starts.append(BATCH.support.new_zeros(6, 4))
    found = fine_tuned(starts, learner.logits, BATCH.support, BATCH.labels)
    for task in range(2):
        heads = [start[task : task + 1].clone().requires_grad_() for start in starts]
        optimiser = torch.optim.SGD(heads, lr=0.01, momentum=0.9, dampening=0.9, weight_decay=0.001)
        for _ in range(100):
            optimiser.zero_grad()
            loss = F.cross_entropy(learner.logits(heads, BATCH.support[task : task + 1])[0], BATCH.labels)
            loss.backward()
            optimiser.step()
        for head, tuned in zip(heads, found, strict=True):
            assert torch.allclose(head[0], tuned[task], atol=1e-9)


@pytest.mark.parametrize("learner", [baseline, baseline_plus_plus, matching_network])
def test_a_learner_answers_for_each_query(learner: ModuleType) -> None:
    scores = learner.classify(*tasks(shots=3))
    assert scores.shape == (6, 20, 4)
    assert torch.equal(scores, learner.classify(*tasks(shots=3)))


def test_matching_sums_the_attention_of_a_class() -> None:
    support = torch.tensor([[[1.0, 0.0], [0.0, 2.0], [0.0, 1.0]]])
    scores = matching_network.classify(support, torch.tensor([0, 1, 1]), torch.tensor([[[3.0, 0.0]]]))
    certain = torch.tensor(10.0).exp()
    assert torch.allclose(scores.exp()[0, 0], torch.tensor([certain, 2.0]) / (certain + 2))
