from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from common.runs.job import Result
from common.strict import BadInputError
from experiments.unlearning import leakage
from experiments.unlearning.attacks import attack_metrics
from experiments.unlearning.settings import DataSettings
from experiments.unlearning.shadow_networks import ShadowNetworks, random_halves
from experiments.unlearning.splits import load_splits
from experiments.unlearning.task import Task
from tests.experiments.test_unlearning.shadow_project import (
    DATA,
    RATIO,
    TRAIN,
    TRAINING,
    job,
    make_root,
    module,
    train_shadows,
    write_forget_sets,
)

BOTH: list[dict[str, Any]] = [{"targets": "random"}, {"targets": "worst"}]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_root(tmp_path_factory.mktemp("leakage"))
    train_shadows(root)
    write_forget_sets(root)
    return root


def attack(root: Path, method: Any, **changes: Any) -> list[Result]:
    settings = leakage.Settings.model_validate({**TRAINING, "ratio": RATIO, **changes.pop("settings", {})})
    inputs = {"shadows": root / "shadows.pt", "forget_sets": root / "forget_sets.npz"}
    return list(
        leakage.run(job(root, settings, changes.pop("conditions", BOTH), method, inputs=inputs, **changes))
    )


def do_nothing(task: Task) -> nn.Module:
    return copy.deepcopy(task.original)


def shifted(shift: float, count: int = 16, images: int = 400) -> tuple[Any, Any]:
    """Margins of unit spread around a mean of each image's own, moved by `shift` where it was unlearned."""
    generator = np.random.default_rng(1)
    unlearned = random_halves(count, images, torch.Generator().manual_seed(0)).numpy()
    means = generator.normal(0, 5, images)
    return generator.normal(means, 1, (count, images)) + shift * unlearned, unlearned


def test_no_difference_is_no_leakage() -> None:
    found = attack_metrics(*shifted(0.0))
    assert found["accuracy_percent"] == pytest.approx(50, abs=2)
    assert found["auc_percent"] == pytest.approx(50, abs=2)
    assert found["population_auc_percent"] == pytest.approx(50, abs=2)
    assert found["tpr_at_1_percent_fpr"] == pytest.approx(1, abs=1)
    assert found["margin_difference"] == pytest.approx(0, abs=0.1)


def test_who_sees_what_is_no_hint_where_margins_hang_on_other_images() -> None:
    """Nothing remains of an image itself, but its margin rises with each of three others that was seen."""
    accuracies = []
    for seed in range(8):
        generator = np.random.default_rng(seed)
        seen = random_halves(16, 500, torch.Generator().manual_seed(seed)).numpy()
        others = (np.arange(500)[:, None] + generator.integers(1, 500, (500, 3))) % 500
        margins = generator.normal(0, 0.5, seen.shape) + seen[:, others].sum(axis=2)
        accuracies.append(attack_metrics(margins, seen)["accuracy_percent"])
    assert np.mean(accuracies) == pytest.approx(50, abs=1)


def test_a_difference_of_two_deviations_is_found_image_by_image() -> None:
    """The best attack there is has accuracy Phi(1) = 84.1 % and AUC Phi(sqrt 2) = 92.1 %."""
    found = attack_metrics(*shifted(2.0))
    assert found["accuracy_percent"] == pytest.approx(84.1, abs=2)
    assert found["auc_percent"] == pytest.approx(92.1, abs=2)
    # One threshold sees two deviations among a spread of sqrt(26): Phi(2 / sqrt(52)) = 60.9 %.
    assert found["population_auc_percent"] == pytest.approx(60.9, abs=2)
    assert found["margin_difference"] == pytest.approx(2, abs=0.1)
    assert found["tpr_at_1_percent_fpr"] > 20


def test_forgetting_too_much_leaks_as_much() -> None:
    """With the sign turned, both attackers turn their calls round."""
    margins, unlearned = shifted(2.0)
    less, more = attack_metrics(margins, unlearned), attack_metrics(-margins, unlearned)
    assert more.pop("margin_difference") == pytest.approx(-less.pop("margin_difference"))
    assert more == pytest.approx(less)


def test_a_rate_that_few_pairs_don_t_resolve_is_left_out() -> None:
    assert "tpr_at_1_percent_fpr" not in attack_metrics(*shifted(1.0, count=6, images=20))


def test_each_network_unlearns_the_targets_that_it_saw(root: Path) -> None:
    tasks: list[Task] = []

    def unlearn(task: Task) -> nn.Module:
        tasks.append(task)
        return do_nothing(task)

    attack(root, module(False, unlearn))
    shadows = ShadowNetworks.load(root / "shadows.pt", DataSettings.model_validate(DATA), TRAIN)
    train = load_splits(DataSettings.model_validate(DATA), root, CPU).train
    targets = torch.arange(TRAIN) < 20  # the random ones end at 12, the worst ones run from 8
    for task, seen, state in zip(tasks, shadows.seen, shadows.states, strict=True):
        assert torch.equal(task.forget.images, train.images[seen & targets])
        assert torch.equal(task.retain.images, train.images[seen & ~targets])
        assert torch.equal(task.retain.labels, train.labels[seen & ~targets])
        assert torch.equal(task.original.state_dict()["classifier.weight"], state["classifier.weight"])
        assert not task.original.training
    starts = [task.initialise("a").get_parameter("stem.weight") for task in tasks]
    starts.append(tasks[0].initialise("b").get_parameter("stem.weight"))
    assert len({tuple(start.flatten().tolist()) for start in starts}) == len(starts)
    assert len({task.seed for task in tasks}) == len(tasks)


def test_nothing_unlearned_is_attacked_by_the_shadows_own_margins(root: Path) -> None:
    results = attack(root, module(False, do_nothing))
    shadows = ShadowNetworks.load(root / "shadows.pt", DataSettings.model_validate(DATA), TRAIN)
    for result, places in zip(results, (slice(0, 12), slice(8, 20)), strict=True):
        expected = attack_metrics(shadows.margins[:, places].numpy(), shadows.seen[:, places].numpy())
        assert result.metrics == pytest.approx(expected, rel=1e-3, abs=1e-3)
        assert result.protocol.model_dump()["targets"] == 12
        assert result.protocol.model_dump()["settings_chosen_on"] == "nothing_to_choose"
    assert [result.condition for result in results] == BOTH
    again = attack(root, module(False, do_nothing))
    assert [result.metrics for result in again] == [result.metrics for result in results]


def test_a_method_that_learns_gets_the_rate_that_was_chosen(root: Path, tmp_path: Path) -> None:
    rates: list[float | None] = []

    def unlearn(task: Task) -> nn.Module:
        rates.append(task.learning_rate)
        return do_nothing(task)

    tuning = tmp_path / "tuning.json"
    tuning.write_text(json.dumps({"0.01": 3.0, "0.1": 1.5}))
    results = attack(
        root, module(True, unlearn), gathered={"tuning": [tuning]}, settings={"chosen_on": "random_set"}
    )
    assert set(rates) == {0.1}
    assert results[0].protocol.model_dump()["settings_chosen_on"] == "random_set"


def test_a_network_that_diverged_is_said_to_have(root: Path) -> None:
    def unlearn(task: Task) -> nn.Module:
        network = do_nothing(task)
        network.get_parameter("classifier.weight").data.fill_(math.nan)
        return network

    with pytest.raises(BadInputError, match="diverged"):
        attack(root, module(False, unlearn))


def test_targets_are_of_a_known_kind(root: Path) -> None:
    with pytest.raises(BadInputError, match="'targets' is 'worse'"):
        attack(root, module(False, do_nothing), conditions=[{"targets": "worse"}])
