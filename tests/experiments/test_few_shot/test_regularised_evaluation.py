"""Logistic regression by its strength, given or chosen on validation classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from common.records.schema import Scalar
from common.runs.job import Result
from common.strict import BadInputError
from experiments.few_shot import evaluation, regularised_evaluation
from experiments.few_shot.baselines import logistic_regression
from experiments.few_shot.embeddings import Embedding
from experiments.few_shot.protocol import EmbeddingFacts
from experiments.few_shot.settings import EvaluationSettings
from tests.experiments.test_few_shot.project import job

FACTS = EmbeddingFacts(
    dataset="made_up",
    split="random",
    training_classes=5,
    validation_classes=0,
    novel_classes=5,
    training_images=10,
    training_passes=1.0,
    objective="none",
    backbone="none",
    backbone_parameters=1,
    side=8,
    training_augmentation=False,
)
EPISODES = {"ways": 5, "queries": 5, "episodes": 30}
CONDITION: dict[str, Scalar] = {"shots": 5, "features": "raw", "strength": "chosen"}


def made_up(classes: int, seed: int, noise: float = 1.0) -> Embedding:
    """Features of overlapping classes, 20 images each, of which the later dimensions say nothing."""
    draws = torch.Generator().manual_seed(seed)
    labels = torch.arange(classes).repeat_interleave(20)
    centres = torch.randn(classes, 6, generator=draws)
    centres[:, 3:] = 0
    features = centres[labels] + noise * torch.randn(len(labels), 6, generator=draws)
    return Embedding({}, features, labels, features.new_empty(len(labels), 0, 0), features.mean(0), FACTS)


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    paths = {name: tmp_path / f"{name}.pt" for name in ("embedding", "validation")}
    made_up(5, 0).save(paths["embedding"])
    made_up(3, 1).save(paths["validation"])
    return paths


def judge(inputs: dict[str, Path], *conditions: dict[str, Scalar], **settings: Any) -> list[Result]:
    chosen = {"validation": "validation", "validation_episodes": 30, "strengths": [100.0, 0.001, 1.0]}
    checked = regularised_evaluation.Settings.model_validate({**EPISODES, **chosen, **settings})
    judged, validation = {"embedding": inputs["embedding"]}, {"validation": [inputs["validation"]]}
    steps = regularised_evaluation.run(
        job(Path(), checked, list(conditions), inputs=judged, gathered=validation)
    )
    return list(steps)


def test_a_strength_of_one_is_the_track_s_logistic_regression(inputs: dict[str, Path]) -> None:
    (result,) = judge(inputs, {**CONDITION, "strength": 1.0})
    usual = evaluation.Settings.model_validate(EPISODES)
    conditions: list[dict[str, Scalar]] = [{"shots": 5, "features": "raw", "copies": 0}]
    embedding = {"embedding": inputs["embedding"]}
    (same,) = evaluation.run(
        job(Path(), usual, conditions, inputs=embedding, implementation=logistic_regression)
    )
    assert result.metrics == {**same.metrics, "strength": 1.0}
    assert result.protocol == same.protocol


def test_the_strength_is_the_best_on_validation_classes(inputs: dict[str, Path]) -> None:
    strengths = [0.001, 1.0, 100.0]
    swapped = {"embedding": inputs["validation"], "validation": inputs["embedding"]}
    given = judge(swapped, *({**CONDITION, "strength": each} for each in strengths), ways=3)
    best = max(given, key=lambda result: result.metrics["accuracy"]).metrics["strength"]
    (chosen,) = judge(inputs, CONDITION)
    assert chosen.metrics["strength"] == best
    (fixed,) = judge(inputs, {**CONDITION, "strength": best})
    assert chosen.metrics == fixed.metrics


def test_the_choice_does_not_see_the_images_that_are_judged(inputs: dict[str, Path]) -> None:
    (before,) = judge(inputs, CONDITION)
    other = made_up(5, 7, noise=30.0)
    replace(other, labels=other.labels.flip(0)).save(inputs["embedding"])
    (after,) = judge(inputs, CONDITION)
    assert after.metrics["strength"] == before.metrics["strength"]
    assert after.metrics["accuracy"] != before.metrics["accuracy"]


def test_of_equal_strengths_the_lowest_is_chosen(inputs: dict[str, Path]) -> None:
    """Where classes are far apart, every strength is right."""
    made_up(3, 1, noise=0.0).save(inputs["validation"])
    (result,) = judge(inputs, CONDITION)
    assert result.metrics["strength"] == 0.001


def test_all_partitions_weigh_the_same(inputs: dict[str, Path], tmp_path: Path) -> None:
    """Where one is told apart without fault, the mean lies half-way from the other's accuracy to one."""
    shape = EvaluationSettings.model_validate(EPISODES)
    easy = tmp_path / "easy.pt"
    made_up(4, 3, noise=0.0).save(easy)
    hard = inputs["validation"]
    alone = regularised_evaluation.validation_accuracy((hard,), shape, "raw", 5, 1.0)
    both = regularised_evaluation.validation_accuracy((hard, easy), shape, "raw", 5, 1.0)
    assert 0 < alone < 1
    assert both == pytest.approx((alone + 1) / 2)


def test_a_choice_without_validation_classes_is_refused(inputs: dict[str, Path]) -> None:
    with pytest.raises(BadInputError, match="no validation classes to choose a strength on"):
        judge(inputs, CONDITION, validation=None)
    checked = regularised_evaluation.Settings.model_validate(EPISODES)
    with pytest.raises(BadInputError, match="judges one embedding"):
        list(regularised_evaluation.run(job(Path(), checked, [CONDITION], inputs=inputs)))


def test_with_two_classes_and_one_shot_no_prediction_hangs_on_the_strength(tmp_path: Path) -> None:
    """Why a choice needs three classes: the border is half-way between the two examples, whatever C."""
    shape = EvaluationSettings.model_validate({**EPISODES, "ways": 2})
    made_up(2, 5).save(tmp_path / "two.pt")
    found = {
        regularised_evaluation.validation_accuracy((tmp_path / "two.pt",), shape, "raw", 1, strength)
        for strength in (0.001, 1.0, 100.0)
    }
    assert len(found) == 1
