"""The relation network: its joined convolution, its loss by hand, and a training on tiny images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.few_shot import relation_learning
from experiments.few_shot.backbones import ConvNet4
from experiments.few_shot.baselines.relation_network import (
    RelationNetwork,
    RelationTasks,
    classify,
    relation_loss,
)
from tests.experiments.test_few_shot.project import DATA, EPISODES, TASKS, job, make_root

SETTINGS: dict[str, Any] = {"data": DATA, "backbone": "convnet4_16", "tasks": TASKS, "evaluation": EPISODES}


def network(side: int = 14) -> tuple[RelationNetwork, RelationTasks]:
    """A network in evaluation mode, and two three-way two-shot tasks of its maps."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = RelationNetwork(ConvNet4(4, 3, 1)).eval()
        images = torch.randn(2, 10, 1, side, side)
    maps = net.maps(images.flatten(0, 1)).unflatten(0, (2, 10))
    return net, RelationTasks(maps[:, :6], torch.tensor([0, 0, 1, 1, 2, 2]), maps[:, 6:])


def test_a_pair_is_compared_by_one_convolution_of_joined_maps() -> None:
    """As the paper has it: pair by pair, class maps and query maps joined in depth."""
    net, tasks = network()
    module: Any = net.classifier
    scores = classify(net, tasks)
    for task in range(2):
        for question in range(4):
            for way in range(3):
                of_class = tasks.support[task, 2 * way : 2 * way + 2].sum(0)
                joined = module.joined(torch.cat([of_class, tasks.queries[task, question]])[None])
                maps = F.max_pool2d(module.normalisation(joined).relu(), 2, ceil_mode=True)
                maps = F.max_pool2d(module.block(maps), 2, ceil_mode=True)
                found = module.score(module.hidden(maps.mean((2, 3))).relu()).sigmoid()
                assert torch.allclose(scores[task, question, way], found.squeeze(), atol=1e-6)


def test_the_embedding_pools_twice() -> None:
    assert network(28)[1].support.shape == (2, 6, 4, 7, 7)


def test_the_loss_worked_out_by_hand() -> None:
    scores = torch.tensor([[[0.9, 0.2], [0.5, 0.5]]])
    squares = 0.1**2 + 0.2**2 + 0.5**2 + 0.5**2
    assert float(relation_loss(scores, torch.tensor([0, 1]))) == pytest.approx(squares / 4)


def test_renaming_the_classes_renames_the_scores_and_queries_stand_alone() -> None:
    net, tasks = network()
    scores = classify(net, tasks)
    renamed = torch.tensor([2, 0, 1])
    assert torch.allclose(classify(net, tasks._replace(labels=renamed[tasks.labels]))[..., renamed], scores)
    alone = [classify(net, tasks._replace(queries=tasks.queries[:, [place]])) for place in range(4)]
    assert torch.allclose(torch.cat(alone, dim=1), scores, atol=1e-6)


def test_it_is_trained_and_tested_again_with_the_same_outcome(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    settings = relation_learning.Settings.model_validate(SETTINGS)
    conditions: list[dict[str, Any]] = [{"shots": 1}, {"shots": 2}]
    first, again = (list(relation_learning.run(job(root, settings, conditions))) for _ in range(2))
    assert [result.metrics for result in first] == [result.metrics for result in again]
    assert [result.curves for result in first] == [result.curves for result in again]
    facts = first[1].protocol.model_dump()
    assert (facts["shots"], facts["inference"], facts["features"]) == (2, "inductive", "maps")


def test_it_learns(tmp_path: Path) -> None:
    """Coloured squares are told apart after a few tasks."""
    longer = {**SETTINGS, "tasks": {**TASKS, "episodes": 60, "learning_rate": 0.01}}
    settings = relation_learning.Settings.model_validate(longer)
    (result,) = relation_learning.run(job(make_root(tmp_path), settings, [{"shots": 1}]))
    losses = (result.curves or {})["task_loss"]
    assert sum(losses[-10:]) < sum(losses[:10])


def test_another_backbone_is_refused(tmp_path: Path) -> None:
    settings = relation_learning.Settings.model_validate({**SETTINGS, "backbone": "resnet12"})
    with pytest.raises(BadInputError, match="written for ConvNet-4, not for resnet12"):
        list(relation_learning.run(job(make_root(tmp_path), settings, [{"shots": 1}])))


def test_its_head_is_the_relation_module() -> None:
    net, _ = network()
    assert isinstance(net.classifier, nn.Module)
    assert net.classifier.hidden.out_features == 8
