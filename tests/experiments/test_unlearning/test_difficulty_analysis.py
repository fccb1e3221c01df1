from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import percentileofscore, spearmanr

from common.runs.job import Result
from experiments.unlearning import original
from experiments.unlearning.difficulty import analysis
from experiments.unlearning.difficulty.scores import cross_entropy_loss, el2n
from experiments.unlearning.forget_sets import ForgetSets
from experiments.unlearning.settings import DataSettings
from experiments.unlearning.splits import Splits, load_splits
from experiments.unlearning.trained_model import TrainedModel
from tests.experiments.test_unlearning.shadow_project import (
    DATA,
    RATIO,
    TRAINING,
    job,
    make_root,
    train_shadows,
    write_forget_sets,
)

NAMES = ["loss", "entropy", "el2n", "grand", "forgetting_events", "c_score", "memorisation"]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_root(tmp_path_factory.mktemp("difficulty"))
    settings = original.Settings.model_validate({**TRAINING, "early_epochs": 1})
    list(original.run(job(root, settings, artefact=root / "original.pt")))
    train_shadows(root)
    write_forget_sets(root)
    return root


def judge(root: Path) -> dict[str, Result]:
    settings = analysis.Settings.model_validate({"data": DATA, "training": TRAINING["training"]})
    names = ("original.pt", "shadows.pt", "forget_sets.npz")
    inputs = {name: root / name for name in names}
    conditions = [{"forget_set": kind, "ratio": RATIO} for kind in ("random", "worst")]
    results = analysis.run(job(root, settings, conditions, inputs=inputs))
    return {str(result.condition["forget_set"]): result for result in results}


def original_and_splits(root: Path) -> tuple[TrainedModel, Splits]:
    data = DataSettings.model_validate(DATA)
    return TrainedModel.load(root / "original.pt", data, 1, CPU), load_splits(data, root, CPU)


def test_members_stand_where_their_scores_do(root: Path) -> None:
    results = judge(root)
    model, splits = original_and_splits(root)
    expected = {
        "loss": cross_entropy_loss(model.network, splits.train).numpy(),
        "el2n": el2n(model.early_network(), splits.train).numpy(),
    }
    weights = ForgetSets.load(root / "forget_sets.npz").difficulty(RATIO)
    for kind, members in (("random", range(12)), ("worst", range(8, 20))):
        metrics, curves = results[kind].metrics, results[kind].curves
        assert curves is not None
        for name, scores in expected.items():
            ranks = [percentileofscore(scores, scores[place], kind="mean") for place in members]
            assert metrics[f"{name}_percentile"] == pytest.approx(np.mean(ranks))
            assert curves[name][0] == scores[list(members)].min()
            assert curves[name][50] == pytest.approx(np.median(scores[list(members)]))
    for name, scores in expected.items():
        found = results["worst"].metrics[f"{name}_rank_correlation"]
        assert found == pytest.approx(spearmanr(weights, scores).statistic)


def test_every_score_is_told_and_correlations_of_the_searched_set_alone(root: Path) -> None:
    results = judge(root)
    percentiles = {f"{name}_percentile" for name in NAMES}
    assert results["random"].metrics.keys() == percentiles
    assert results["worst"].metrics.keys() == percentiles | {f"{name}_rank_correlation" for name in NAMES}
    for result in results.values():
        assert result.curves is not None
        assert {name: len(curve) for name, curve in result.curves.items()} == dict.fromkeys(NAMES, 101)
        assert result.protocol.model_dump()["forget_images"] == 12
        assert result.protocol.model_dump()["shadows"] == 6


def test_pictures_are_of_members_the_hardest_first(root: Path) -> None:
    """The weights rise with the place, so that the hardest of 8 to 19 come backwards."""
    _, splits = original_and_splits(root)
    pixels = splits.train.images.squeeze(-1).numpy()
    found = members(root)
    assert found["worst"].dtype == np.uint8
    assert np.array_equal(found["worst"], pixels[19:7:-1])
    assert {image.tobytes() for image in found["random"]} == {image.tobytes() for image in pixels[:12]}
    assert np.array_equal(members(root)["random"], found["random"])


def members(root: Path) -> dict[str, np.ndarray]:
    """Kind of set -> its pictures."""
    found = {}
    for kind, result in judge(root).items():
        assert result.pictures is not None
        found[kind] = result.pictures["members"]
    return found
