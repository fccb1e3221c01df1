"""The chain of steps on tiny images: embeddings, generations, evaluation, tasks, meta-learning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from common.data.arrays import load
from common.records.schema import Scalar
from common.runs.job import Result
from common.strict import BadInputError
from experiments.few_shot import episodic_embedding, evaluation, gradient_meta_learning, supervised_embedding
from experiments.few_shot.baselines import (
    logistic_regression,
    matching_network,
    nearest_class_mean,
    prototypical_network,
    ridge_network,
)
from experiments.few_shot.class_images import load_class_images
from experiments.few_shot.embeddings import Embedding
from experiments.few_shot.rfs_good_embedding import distillation
from experiments.few_shot.settings import DataSettings
from tests.experiments.test_few_shot.project import DATA, EPISODES, TASKS, TRAINING, job, make_root

SUPERVISED: dict[str, Any] = {"data": DATA, "backbone": "convnet4_16", "copies": 2, "training": TRAINING}
TAUGHT = {"temperature": 4.0, "label_weight": 0.5, "teacher_weight": 0.5}
CONDITION: dict[str, Scalar] = {"shots": 1, "features": "unit", "copies": 0}
META = {
    "data": DATA,
    "backbone": "convnet4_16",
    "tasks": TASKS,
    "evaluation": EPISODES,
    "inner_steps": 1,
    "test_steps": 2,
    "inner_rate": 0.1,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data and an embedding."""
    root = make_root(tmp_path_factory.mktemp("project"))
    embed(root, root / "embedding.pt")
    return root


def embed(root: Path, artefact: Path, **changes: Any) -> Result:
    settings = supervised_embedding.Settings.model_validate({**SUPERVISED, **changes})
    (result,) = supervised_embedding.run(job(root, settings, artefact=artefact))
    return result


def evaluate(root: Path, method: Any = logistic_regression, seed: int = 0, **condition: Scalar) -> Result:
    settings = evaluation.Settings.model_validate(EPISODES)
    inputs = {"embedding": root / "embedding.pt"}
    conditions = [{**CONDITION, **condition}]
    (result,) = evaluation.run(
        job(root, settings, conditions, inputs=inputs, implementation=method, seed=seed)
    )
    return result


def test_an_embedding_holds_the_features_of_novel_images_and_its_facts(root: Path) -> None:
    saved = Embedding.load(root / "embedding.pt")
    assert saved.features.shape == (30, 16)
    assert saved.copies.shape == (30, 2, 16)
    assert not torch.equal(saved.copies[:, 0], saved.copies[:, 1])
    assert saved.labels.unique().tolist() == [0, 1, 2, 3, 4]
    assert (saved.facts.training_images, saved.facts.training_passes) == (40, 2)
    assert saved.facts.objective == "linear classifier"


def test_a_second_run_writes_the_same_bytes(root: Path, tmp_path: Path) -> None:
    embed(root, tmp_path / "again.pt")
    assert (tmp_path / "again.pt").read_bytes() == (root / "embedding.pt").read_bytes()


def test_dropout_repeats_with_the_seed(tmp_path: Path) -> None:
    root = make_root(tmp_path / "project", side=16)  # the least that four poolings leave a pixel of
    training = {"epochs": 1, "batch_size": 5}
    data = {**DATA, "images": 1, "test_images": 1}
    for name in ("one", "again"):
        torch.rand(3)  # what others draw from torch's own generator changes nothing
        embed(root, tmp_path / name, backbone="resnet12", data=data, training=training, copies=0)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "again").read_bytes()


def test_a_frozen_feature_does_not_hang_on_the_other_images(root: Path) -> None:
    """Evaluation mode: half of the images, which come one by one per class, have the features they had."""
    fewer = root / "fewer.pt"
    embed(root, fewer, data={**DATA, "test_images": 3})
    part, whole = Embedding.load(fewer), Embedding.load(root / "embedding.pt")
    assert torch.allclose(part.features[:3], whole.features[:3], atol=1e-5)


def test_an_untrained_network_has_seen_nothing(root: Path, tmp_path: Path) -> None:
    result = embed(root, tmp_path / "fresh.pt", training=None)
    facts = result.protocol.model_dump()
    assert (facts["objective"], facts["training_images"], facts["training_passes"]) == ("none", 0, 0)


def test_evaluation_says_what_it_measured(root: Path) -> None:
    result = evaluate(root, shots=2, copies=2)
    facts = result.protocol.model_dump()
    assert (facts["ways"], facts["shots"], facts["queries"], facts["episodes"]) == (5, 2, 2, 4)
    assert (facts["inference"], facts["normalisation"]) == ("inductive", "running_statistics")
    assert facts["support_copies"] == 2
    assert 0 <= result.metrics["accuracy"] <= 100
    assert result.timings.keys() == {"classification"}


def test_the_gain_of_normalisation_is_between_the_same_episodes(root: Path) -> None:
    raw, unit = (evaluate(root, features=how).metrics for how in ("raw", "unit"))
    assert unit["gain_of_normalisation"] == pytest.approx(unit["accuracy"] - raw["accuracy"])
    assert "gain_of_normalisation" not in raw
    assert "gain_of_normalisation" not in evaluate(root, features="unit", copies=2).metrics


def test_more_copies_than_were_embedded_are_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match="5 augmented copies are asked for, but 2 were embedded"):
        evaluate(root, copies=5)


@pytest.mark.parametrize(
    ("shots", "sentence"), [(5, "5 shots and 2 queries need 7 images, but class 0 has 6")]
)
def test_more_shots_than_images_are_refused(root: Path, shots: int, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        evaluate(root, shots=shots)


def test_more_ways_than_novel_classes_are_refused(root: Path) -> None:
    settings = evaluation.Settings.model_validate({**EPISODES, "ways": 6})
    inputs = {"embedding": root / "embedding.pt"}
    with pytest.raises(BadInputError, match="6-way episodes can't be drawn from 5 classes"):
        list(evaluation.run(job(root, settings, [CONDITION], inputs=inputs)))


def test_a_student_starts_anew_and_learns_from_its_teacher(root: Path, tmp_path: Path) -> None:
    settings = distillation.Settings.model_validate({**SUPERVISED, **TAUGHT})
    path = tmp_path / "student.pt"
    inputs = {"embedding": root / "embedding.pt"}
    (result,) = distillation.run(job(root, settings, step="generation_1", inputs=inputs, artefact=path))
    assert result.protocol.model_dump()["objective"] == "distilled classifier"
    assert not torch.equal(Embedding.load(path).features, Embedding.load(root / "embedding.pt").features)
    with pytest.raises(BadInputError, match="learns from one teacher"):
        list(distillation.run(job(root, settings, artefact=path)))


def test_the_distillation_loss_worked_out_by_hand() -> None:
    student, teacher = torch.tensor([[0.0, 0.0]]), torch.tensor([[4.0 * torch.log(torch.tensor(3.0)), 0.0]])
    settings = distillation.Settings.model_validate({**SUPERVISED, **TAUGHT})
    found = distillation.distillation_loss(student, teacher, torch.tensor([0]), settings)
    # Softened by 4, the teacher says 3/4 and 1/4: KL to one half each = log 2 - H(1/4).
    entropy = -(0.75 * torch.tensor(0.75).log() + 0.25 * torch.tensor(0.25).log())
    two = torch.tensor(2.0).log()
    assert float(found) == pytest.approx(float(0.5 * two + 0.5 * 16 * (two - entropy)), rel=1e-5)


@pytest.mark.parametrize("method", [prototypical_network, ridge_network, matching_network])
def test_embeddings_are_learned_from_tasks(root: Path, tmp_path: Path, method: Any) -> None:
    settings = episodic_embedding.Settings.model_validate({**SUPERVISED, "training": None, "tasks": TASKS})
    path = tmp_path / "embedding.pt"
    (result,) = episodic_embedding.run(job(root, settings, implementation=method, artefact=path))
    assert result.protocol.model_dump()["training_passes"] == 4 * 15 / 40
    assert len((result.curves or {})["task_loss"]) == 4
    assert Embedding.load(path).features.shape == (30, 16)


def test_a_prototypical_network_is_the_nearest_class_mean() -> None:
    assert prototypical_network.classify is nearest_class_mean.classify


@pytest.mark.parametrize("changes", [{}, {"first_order": True}, {"head_only": True}])
def test_meta_learners_are_trained_and_tested(root: Path, changes: dict[str, Any]) -> None:
    settings = gradient_meta_learning.Settings.model_validate({**META, **changes})
    results = list(gradient_meta_learning.run(job(root, settings, [{"shots": 1}, {"shots": 3}])))
    assert [result.protocol.model_dump()["shots"] for result in results] == [1, 3]
    assert all(0 <= result.metrics["accuracy"] <= 100 for result in results)
    assert results[0].protocol.model_dump()["normalisation"] == "support_statistics"


def test_meta_learners_know_one_backbone(root: Path) -> None:
    settings = gradient_meta_learning.Settings.model_validate({**META, "backbone": "resnet12"})
    with pytest.raises(BadInputError, match="written for ConvNet-4, not for resnet12"):
        list(gradient_meta_learning.run(job(root, settings, [{"shots": 1}])))


def test_a_meta_batch_larger_than_the_training_is_refused(root: Path) -> None:
    tasks = {**TASKS, "meta_batch": 5}
    settings = gradient_meta_learning.Settings.model_validate({**META, "tasks": tasks})
    with pytest.raises(BadInputError, match="4 episodes don't fill a meta-batch of 5"):
        list(gradient_meta_learning.run(job(root, settings, [{"shots": 1}])))


def test_validation_classes_are_judged_where_settings_are_chosen(root: Path, tmp_path: Path) -> None:
    data = {**DATA, "base": 3, "validation": 2, "judged": "validation"}
    embed(root, tmp_path / "chosen.pt", data=data)
    assert Embedding.load(tmp_path / "chosen.pt").labels.unique().tolist() == [0, 1]
    arrays = load("cifar10", root)
    settings = DataSettings.model_validate(data)
    chosen = load_class_images(settings, root, {}, seed=0, device=torch.device("cpu")).judged.images.numpy()
    for image in chosen:
        assert (arrays["train_images"] == image).all(axis=(1, 2, 3)).any()
        assert not (arrays["test_images"] == image).all(axis=(1, 2, 3)).any()
    with pytest.raises(BadInputError, match="there are no validation classes"):
        embed(root, tmp_path / "none.pt", data={**DATA, "judged": "validation"})


def test_an_unknown_backbone_is_met_with_a_suggestion(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no backbone 'convnet4_15'\. Did you mean 'convnet4_16'"):
        embed(root, tmp_path / "none.pt", backbone="convnet4_15")
    assert not (tmp_path / "none.pt").exists()


def test_zero_test_episodes_are_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 2"):
        evaluation.Settings.model_validate({**EPISODES, "episodes": 0})
