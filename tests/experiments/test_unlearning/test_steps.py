"""The chain of steps on tiny images: original, forget sets, retrain, tuning, unlearning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from common.records.schema import Scalar
from common.runs.job import Result
from common.strict import BadInputError
from experiments.unlearning import original, retraining, tuning, unlearning
from experiments.unlearning.baselines import ft, no_unlearning
from experiments.unlearning.forget_sets import ForgetSets
from tests.experiments.test_unlearning.shadow_project import (
    RATIO,
    TRAINING,
    job,
    make_root,
    write_forget_sets,
)

JUDGED = {**TRAINING, "membership": {"per_class": 5}}
METHOD = {"descent": {"epochs": 1, "batch_size": 9}}
RANDOM: dict[str, Scalar] = {"forget_set": "random", "ratio": RATIO}
WORST: dict[str, Scalar] = {"forget_set": "worst", "ratio": RATIO}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, an original model, forget sets and the networks retrained without them."""
    root = make_root(tmp_path_factory.mktemp("project"))
    settings = original.Settings.model_validate({**TRAINING, "early_epochs": 1})
    list(original.run(job(root, settings, artefact=root / "original.pt")))
    write_forget_sets(root)
    retrained = retraining.Settings.model_validate(JUDGED)
    inputs = {"original": root / "original.pt", "forget_sets": root / "forget_sets.npz"}
    conditions = [RANDOM, WORST]
    list(retraining.run(job(root, retrained, conditions, inputs=inputs, artefact=root / "retrained.json")))
    return root


def inputs(root: Path) -> dict[str, Path]:
    names = {"original": "original.pt", "forget_sets": "forget_sets.npz", "retrain": "retrained.json"}
    return {step: root / name for step, name in names.items()}


def run_unlearning(root: Path, method: Any, **changes: Any) -> list[Result]:
    settings = unlearning.Settings.model_validate({**JUDGED, "method": METHOD, **changes.pop("settings", {})})
    return list(unlearning.run(job(root, settings, [RANDOM], method, **{"inputs": inputs(root), **changes})))


def test_the_original_keeps_what_was_seen_in_training(root: Path) -> None:
    saved = torch.load(root / "original.pt", weights_only=True)
    assert saved["correct"].shape == (2, 54)
    assert any(not torch.equal(saved["state"][name], saved["early"][name]) for name in saved["state"])


def test_the_early_network_must_come_before_the_end() -> None:
    with pytest.raises(ValueError, match="'early_epochs' must be below the 2 epochs"):
        original.Settings.model_validate({**TRAINING, "early_epochs": 2})


def test_retrain_is_its_own_reference(root: Path) -> None:
    settings = retraining.Settings.model_validate(JUDGED)
    (result,) = retraining.run(job(root, settings, [RANDOM], inputs=inputs(root)))
    assert result.metrics["average_gap"] == 0
    assert result.metrics["tow"] == 1
    assert result.timings.keys() == {"unlearning"}
    saved = json.loads((root / "retrained.json").read_text())
    assert saved[f"random {RATIO}"]["unlearning_accuracy"] == result.metrics["unlearning_accuracy"]


def test_no_unlearning_scores_as_the_original(root: Path) -> None:
    (result,) = run_unlearning(root, no_unlearning)
    saved = json.loads((root / "retrained.json").read_text())[f"random {RATIO}"]
    gaps = [abs(result.metrics[name] - value) for name, value in saved.items()]
    assert result.metrics["average_gap"] == pytest.approx(sum(gaps) / 4)
    assert result.metrics["learning_rate"] == 0
    assert result.protocol.model_dump()["settings_chosen_on"] == "nothing_to_choose"


def test_the_rate_with_the_smallest_mean_gap_is_chosen(root: Path, tmp_path: Path) -> None:
    for place, gaps in enumerate(({"0.1": 4.0, "0.01": 5.0}, {"0.1": 9.0, "0.01": 5.0})):
        (tmp_path / f"{place}.json").write_text(json.dumps(gaps))
    gathered = {"tuning": [tmp_path / "0.json", tmp_path / "1.json"]}
    (result,) = run_unlearning(root, ft, gathered=gathered)
    assert result.metrics["learning_rate"] == 0.01


def test_a_rate_that_is_given_is_used(root: Path) -> None:
    (result,) = run_unlearning(root, ft, settings={"learning_rate": 0.003})
    assert result.metrics["learning_rate"] == 0.003


def test_tuning_keeps_the_gap_of_every_rate(root: Path, tmp_path: Path) -> None:
    settings = tuning.Settings.model_validate({**JUDGED, "method": METHOD, "chosen_on": "random_set"})
    conditions: list[Any] = [{**RANDOM, "learning_rate": rate} for rate in (0.001, 0.1)]
    path = tmp_path / "tuning.json"
    results = list(tuning.run(job(root, settings, conditions, ft, inputs=inputs(root), artefact=path)))
    assert json.loads(path.read_text()) == {
        repr(float(result.condition["learning_rate"])): result.metrics["average_gap"] for result in results
    }


def test_a_method_that_learns_needs_a_rate(root: Path) -> None:
    with pytest.raises(BadInputError, match="give it a 'learning_rate', or gather a step that tunes it"):
        run_unlearning(root, ft)


def test_tunings_of_different_rates_are_not_mixed(tmp_path: Path) -> None:
    for place, gaps in enumerate(({"0.1": 4.0}, {"0.01": 5.0})):
        (tmp_path / f"{place}.json").write_text(json.dumps(gaps))
    with pytest.raises(BadInputError, match="tried different learning rates"):
        tuning.chosen_learning_rate([tmp_path / "0.json", tmp_path / "1.json"])


def test_a_set_that_was_not_retrained_without_is_named(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"has no network retrained without random 0\.5; it has random"):
        retraining.read_retrained(root / "retrained.json", {"forget_set": "random", "ratio": 0.5})


def test_a_step_that_is_not_needed_is_named(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"reads retrained\.json: add the step that makes it"):
        run_unlearning(root, no_unlearning, inputs={k: v for k, v in inputs(root).items() if k != "retrain"})


def test_an_unknown_forget_set_is_named(root: Path) -> None:
    sets = ForgetSets.load(root / "forget_sets.npz")
    with pytest.raises(BadInputError, match="worst"):
        sets.places("wrost", RATIO)


def test_runs_repeat_bit_by_bit(root: Path) -> None:
    first, again = (run_unlearning(root, ft, settings={"learning_rate": 0.05})[0] for _ in range(2))
    assert first.metrics == again.metrics
