"""The steps of SuSana Distancia on tiny images: training by terms, judging, transfer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from common.checkpoints import Checkpoints
from common.records.schema import Scalar
from common.runs.job import Result
from common.strict import BadInputError
from experiments.few_shot import episodic_embedding, transfer
from experiments.few_shot.baselines import prototypical_network
from experiments.few_shot.embeddings import Embedding
from experiments.few_shot.susana_distancia import judging, training
from experiments.few_shot.susana_distancia.separability import separability, spread_ratio
from experiments.few_shot.susana_distancia.terms import TERMS
from tests.experiments.test_few_shot.project import DATA, EPISODES, TASKS, job, make_root
from tests.experiments.test_few_shot.test_resuming import KilledError, Mortal

SHAPE = {**TASKS, "shots": 2, "queries": 3}
TRAINED: dict[str, Any] = {"data": DATA, "backbone": "convnet4_16", "tasks": SHAPE, "terms": {"cross": 1.0}}
CONDITION: dict[str, Scalar] = {"shots": 1, "features": "raw", "copies": 0}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("project"))


def train(root: Path, artefact: Path, **changes: Any) -> Result:
    settings = training.Settings.model_validate({**TRAINED, **changes})
    (result,) = training.run(job(root, settings, artefact=artefact))
    return result


def test_every_term_trains_an_embedding(root: Path, tmp_path: Path) -> None:
    start = train(root, tmp_path / "none.pt", terms={})
    assert (start.metrics, start.protocol.model_dump()["objective"]) == ({}, "none")
    untrained = Embedding.load(tmp_path / "none.pt").features
    for name in TERMS:
        result = train(root, tmp_path / f"{name}.pt", terms={name: 1.0})
        assert name in result.protocol.model_dump()["objective"]
        assert not torch.equal(Embedding.load(tmp_path / f"{name}.pt").features, untrained)


def test_a_second_run_writes_the_same_bytes(root: Path, tmp_path: Path) -> None:
    terms = {"cross": 0.5, "full_icnn": 0.5}
    for name in ("one", "again"):
        train(root, tmp_path / name, terms=terms, tasks={**SHAPE, "meta_batch": 2})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "again").read_bytes()


def test_a_training_that_died_ends_with_the_same_bytes(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = training.Settings.model_validate({**TRAINED, "tasks": {**SHAPE, "episodes": 6}})

    def attempt(artefact: str, checkpoints: Checkpoints) -> Result:
        (result,) = training.run(job(root, settings, artefact=tmp_path / artefact, checkpoints=checkpoints))
        return result

    undisturbed = attempt("undisturbed.pt", Checkpoints())
    first = Checkpoints(tmp_path / "job", interval=0)
    with monkeypatch.context() as patch:
        patch.setitem(TERMS, "cross", Mortal(TERMS["cross"], dies_at=4))
        with pytest.raises(KilledError):
            attempt("resumed.pt", first)
    last = Checkpoints(tmp_path / "job", interval=0)
    assert attempt("resumed.pt", last).curves == undisturbed.curves
    assert last.resumed
    assert (tmp_path / "resumed.pt").read_bytes() == (tmp_path / "undisturbed.pt").read_bytes()


def test_cross_entropy_alone_is_the_prototypical_network(root: Path, tmp_path: Path) -> None:
    """As the track trains it, from the same start and on the same tasks, one to a step."""
    found = train(root, tmp_path / "found.pt").curves
    plain = episodic_embedding.Settings.model_validate(
        {"data": DATA, "backbone": "convnet4_16", "tasks": SHAPE}
    )
    method: Any = {
        "implementation": prototypical_network,
        "artefact": tmp_path / "plain.pt",
        "step": "embedding",
    }
    (expected,) = episodic_embedding.run(job(root, plain, **method))
    assert (found or {})["task_loss"] == pytest.approx((expected.curves or {})["task_loss"], rel=1e-5)


def test_arms_start_from_one_network_whatever_their_step_is_called(root: Path, tmp_path: Path) -> None:
    settings = training.Settings.model_validate({**TRAINED, "terms": {}})
    for step in ("embedding_5", "embedding_20"):
        list(training.run(job(root, settings, step=step, artefact=tmp_path / step)))
    first, second = (Embedding.load(tmp_path / step) for step in ("embedding_5", "embedding_20"))
    assert torch.equal(first.features, second.features)


def test_halving_a_lone_term_changes_nothing_under_adam(root: Path, tmp_path: Path) -> None:
    """Adam divides by the gradient's own size, so that only the ratio of the terms' weights counts."""
    for weight in (1.0, 0.5):
        train(root, tmp_path / str(weight), terms={"cross": weight})
    whole, half = (Embedding.load(tmp_path / str(weight)).features for weight in (1.0, 0.5))
    assert torch.allclose(whole, half, atol=1e-3)


def test_judging_gives_accuracy_and_separability(root: Path, tmp_path: Path) -> None:
    train(root, tmp_path / "embedding.pt")
    settings = judging.Settings.model_validate({**EPISODES, "classes": 3})
    inputs = {"embedding": tmp_path / "embedding.pt"}
    one, two = judging.run(job(root, settings, [CONDITION, {**CONDITION, "shots": 2}], inputs=inputs))
    assert (one.protocol.model_dump()["shots"], two.protocol.model_dump()["shots"]) == (1, 2)
    saved = Embedding.load(tmp_path / "embedding.pt")
    among = saved.labels < 3
    assert one.metrics.items() >= separability(saved.features[among], saved.labels[among]).items()
    with pytest.raises(BadInputError, match="name its step under 'needs'"):
        list(judging.run(job(root, settings, [CONDITION])))


def test_another_data_set_is_embedded_as_it_was_trained(root: Path, tmp_path: Path) -> None:
    """The data set itself as its own target: all ten classes, and the features of the novel ones again."""
    train(root, tmp_path / "embedding.pt")
    kept = {**TRAINED, "target": "cifar10", "per_class": 6}
    settings = transfer.Settings.model_validate(
        {name: kept[name] for name in transfer.Settings.model_fields if name in kept}
    )
    moved = tmp_path / "moved.pt"
    inputs = {"embedding": tmp_path / "embedding.pt"}
    (result,) = transfer.run(job(root, settings, inputs=inputs, artefact=moved))
    assert result.metrics == {"images": 60.0}
    assert result.protocol.model_dump()["dataset"] == "cifar10 to cifar10"
    before, after = Embedding.load(tmp_path / "embedding.pt"), Embedding.load(moved)
    assert len(after.labels.unique()) == 10
    for feature in before.features:
        assert (after.features - feature).abs().amax(1).min() < 1e-5
    with pytest.raises(BadInputError, match="needs one step with an embedding"):
        list(transfer.run(job(root, settings, artefact=moved)))


def test_the_spread_ratio_worked_out_by_hand() -> None:
    """Points at distance 1 from their class means, which lie 10 apart."""
    features = torch.tensor([[-1.0, 0], [1, 0], [10, 1], [10, -1]], dtype=torch.float64)
    assert spread_ratio(features, torch.tensor([0, 0, 1, 1])) == pytest.approx(0.1)


def test_separate_classes_measure_better_than_mixed_ones() -> None:
    draws = torch.Generator().manual_seed(0)
    labels = torch.arange(5).repeat_interleave(10)
    centres = torch.randn(5, 8, generator=draws)[labels]
    noise = torch.randn(50, 8, generator=draws)
    apart, mixed = (separability(centres + spread * noise, labels) for spread in (0.05, 3.0))
    for name in ("icnn_score", "icnn_original", "silhouette"):
        assert apart[name] > mixed[name]
    for name in ("davies_bouldin", "spread_ratio"):
        assert apart[name] < mixed[name]
    larger = separability(7 * (centres + noise), labels)
    same = separability(centres + noise, labels)
    assert larger.pop("mean_length") == pytest.approx(7 * same.pop("mean_length"))
    assert larger == pytest.approx(same, rel=1e-4)


def test_one_class_has_no_separability() -> None:
    with pytest.raises(BadInputError, match="One class alone"):
        separability(torch.ones(4, 2), torch.zeros(4, dtype=torch.int64))


def test_a_step_without_an_artefact_is_refused(root: Path) -> None:
    settings = training.Settings.model_validate(TRAINED)
    with pytest.raises(BadInputError, match="has no 'artefact'"):
        list(training.run(job(root, settings)))
