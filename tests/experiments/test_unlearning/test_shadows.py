from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from common.strict import BadInputError, validate
from common.training.descent import predict
from experiments.unlearning.settings import DataSettings
from experiments.unlearning.shadow_networks import ShadowNetworks, random_halves
from experiments.unlearning.shadows import Settings
from experiments.unlearning.splits import load_splits
from tests.experiments.test_unlearning.shadow_project import (
    DATA,
    TRAIN,
    TRAINING,
    make_root,
    train_shadows,
)

CPU = torch.device("cpu")
SETTINGS = DataSettings.model_validate(DATA)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("shadows"))


@given(pairs=st.integers(2, 8), images=st.integers(2, 60), seed=st.integers(0, 5))
def test_halves_are_shared_out(pairs: int, images: int, seed: int) -> None:
    seen = random_halves(2 * pairs, images, torch.Generator().manual_seed(seed))
    assert seen.shape == (2 * pairs, images)
    assert (seen.sum(dim=0) == pairs).all()


def test_halves_are_random() -> None:
    """Half of the networks treat two images alike; a network sees half of them, give or take sqrt(n) / 2."""
    seen = random_halves(2000, 10, torch.Generator().manual_seed(0))
    alike = (seen[:, :1] == seen[:, 1:]).double().mean(dim=0)
    assert alike.tolist() == pytest.approx([0.5] * 9, abs=0.05)
    sizes = random_halves(100, 2500, torch.Generator().manual_seed(0)).sum(dim=1).double()
    assert float(sizes.mean()) == 1250
    assert float(sizes.std()) == pytest.approx(25, rel=0.25)


@pytest.mark.parametrize("count", [0, 2, 3, 5])
def test_too_few_networks_have_no_two_sides(count: int) -> None:
    with pytest.raises(BadInputError, match="even number, 4 or more"):
        random_halves(count, 10, torch.Generator())


@pytest.mark.parametrize("count", [4, 7])
def test_settings_refuse_a_number_that_leaves_an_attack_without_one(count: int) -> None:
    with pytest.raises(BadInputError, match="'count' is"):
        validate(Settings, {**TRAINING, "count": count}, "shadows")


def test_consistency_and_memorisation_by_hand() -> None:
    seen = torch.tensor([[1, 0], [0, 1], [1, 1], [0, 0]]).bool()
    correct = torch.tensor([[1, 0], [1, 1], [1, 0], [0, 0]]).bool()
    shadows = ShadowNetworks("none", [], seen, correct, torch.zeros(4, 2))
    assert shadows.c_scores().tolist() == [0.5, 0.0]
    assert shadows.memorisation().tolist() == [0.5, 0.5]


def test_the_step_keeps_what_the_networks_say(root: Path) -> None:
    path, result = train_shadows(root)
    shadows = ShadowNetworks.load(path, SETTINGS, TRAIN)
    splits = load_splits(SETTINGS, root, CPU)
    for place in range(len(shadows)):
        logits = predict(shadows.network(place, SETTINGS, 1, CPU), splits.train).double()
        truth = logits.gather(1, splits.train.labels[:, None])[:, 0]
        probability = logits.softmax(1).gather(1, splits.train.labels[:, None])[:, 0]
        assert shadows.margins[place].sigmoid().tolist() == pytest.approx(probability.tolist(), rel=1e-9)
        assert torch.equal(shadows.correct[place], truth == logits.max(1).values)
    assert result.metrics["unseen_accuracy"] == pytest.approx(float(shadows.c_scores().mean() * 100))
    assert result.metrics["train_accuracy"] == pytest.approx(
        float((shadows.memorisation() + shadows.c_scores()).mean() * 100)
    )
    assert 0 <= result.metrics["test_accuracy"] <= 100
    assert result.protocol.model_dump()["training_images"] == TRAIN // 2


def test_the_networks_repeat_and_differ_from_seed_to_seed(root: Path) -> None:
    runs = [train_shadows(root, seed, f"{name}.pt")[0] for seed, name in ((0, "a"), (0, "b"), (1, "c"))]
    first, again, other = (ShadowNetworks.load(path, SETTINGS, TRAIN) for path in runs)
    assert torch.equal(first.margins, again.margins)
    assert torch.equal(first.seen, again.seen)
    assert not torch.equal(first.seen, other.seen)
    weights = [state["classifier.weight"] for state in [*first.states, *other.states]]
    assert len({tuple(weight.flatten().tolist()) for weight in weights}) == len(weights)


def test_shadows_of_other_images_or_networks_are_refused(root: Path) -> None:
    path, _ = train_shadows(root)
    with pytest.raises(BadInputError, match="54 training images, not of resnet8_quarter and 53"):
        ShadowNetworks.load(path, SETTINGS, TRAIN - 1)
    with pytest.raises(BadInputError, match="Delete it and run the step that makes it again"):
        ShadowNetworks.load(path, SETTINGS.model_copy(update={"network": "resnet8"}), TRAIN)
