"""Drawing and scaling samples, feature sets, and probes on them, run as the command line runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from common.data.prepare import write_prepared
from common.runs.config import PaperConfig
from common.runs.execute import execute
from common.runs.plan import find_job
from common.strict import BadInputError
from common.training.image_set import ImageSet
from common.training.images import Standardise
from experiments.few_shot.imagenet_network import load_efficientnet
from experiments.few_shot.naive_bayes_vs_logistic.data_parts import DataSettings, training_part
from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import FeatureSet
from experiments.few_shot.naive_bayes_vs_logistic.network_features import turned
from experiments.few_shot.naive_bayes_vs_logistic.pixel_features import pixels, principal_components
from experiments.few_shot.naive_bayes_vs_logistic.samples import draw_places, unit_range

REPOSITORY = Path(__file__).parents[3]
STEPS = "experiments.few_shot.naive_bayes_vs_logistic"
DATA = {"dataset": "fashion_mnist", "classes": 10, "pool_images": [40, 120], "test_images": 30}
TRAINED = {**DATA, "feature_images": [0, 40]}


def bright(count: int, seed: int) -> np.ndarray:
    """Bytes `[count, 28, 28]`: the brightness of the class under noise."""
    noise = np.random.default_rng(seed).normal(0, 30, (count, 28, 28))
    images: np.ndarray = np.clip(20 * (1 + np.arange(count) % 10)[:, None, None] + noise, 0, 255)
    return images.astype(np.uint8)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The project's code by links, and a small Fashion-MNIST of ten brightnesses."""
    for package in ("common", "experiments"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    counts = {"train": 120, "test": 30}
    arrays = [(f"{split}_images", bright(count, count)) for split, count in counts.items()]
    arrays += [(f"{split}_labels", np.arange(count) % 10) for split, count in counts.items()]
    write_prepared("fashion_mnist", arrays, tmp_path, {})
    return tmp_path


def run(root: Path, probes: dict[str, Any], steps: dict[str, Any], seed: int = 0) -> list[Path]:
    """Run every step, then the probes; their record files are returned."""
    common: dict[str, Any] = {
        "methods": {"encoding": {}},
        "artefact": "features.npz",
        "datasets": ["fashion_mnist"],
        "seeds": 1,
    }
    described = {name: {**common, **step} for name, step in steps.items()}
    described["probes"] = {"entry": f"{STEPS}.probing", "gathers": dict.fromkeys(steps, 1), **probes}
    config = PaperConfig.model_validate(
        {"paper": "toy", "track": "few_shot", "scales": {"smoke": {"seeds": 2, "steps": described}}}
    )
    for name in steps:
        execute(find_job(config, "smoke", name, "encoding", 0), config, root, {})
    (method,) = probes["methods"]
    job = find_job(config, "smoke", "probes", method, seed)
    execute(job, config, root, {})
    return [root / path for path in job.records]


def probes(kind: str, features: list[str], samples: list[int]) -> dict[str, Any]:
    return {
        "settings": {"classes": 10},
        "conditions": [{"features": features, "samples": samples}],
        "methods": {kind: {"kind": kind}},
    }


NETWORK = {
    "entry": f"{STEPS}.network_features",
    "settings": {
        "data": TRAINED,
        "network": "resnet8_quarter",
        "task": "labels",
        "margin": 2,
        "training": {"epochs": 1, "batch_size": 20},
        "learning_rate": 0.1,
    },
}
PIXELS = {"entry": f"{STEPS}.pixel_features", "settings": {"data": DATA}}


def test_every_feature_set_is_probed_and_its_limit_is_its_largest_sample(root: Path) -> None:
    rotations = {**NETWORK, "settings": {**NETWORK["settings"], "task": "rotations"}}  # type: ignore[dict-item]
    components = {**PIXELS, "settings": {"data": TRAINED, "components": 5}}
    steps = {"pixels": PIXELS, "components": components, "labels": NETWORK, "rotations": rotations}
    files = run(root, probes("naive_bayes", list(steps), [20, 80]), steps)
    records = [read(path) for path in files]
    assert [record.condition for record in records] == [
        {"features": name, "samples": samples} for name in steps for samples in (20, 80)
    ]
    for few, many in zip(records[::2], records[1::2], strict=True):
        assert many.metrics["above_limit_percent"] == 0
        assert few.metrics["above_limit_percent"] == pytest.approx(
            few.metrics["error_percent"] - many.metrics["error_percent"]
        )
    facts = {record.condition["features"]: record.protocol for record in records}
    assert [facts[name]["learned_from"] for name in steps] == ["nothing", "images", "labels", "rotations"]
    assert [facts[name]["dimension"] for name in steps] == [784, 5, 64, 64]
    assert records[1].metrics["error_percent"] < 30  # ten brightnesses are easy to tell


def read(path: Path) -> Any:
    from common.records.schema import Record

    return Record.model_validate_json(path.read_text())


def test_a_repeated_probe_is_the_same_bit_by_bit(root: Path, tmp_path: Path) -> None:
    first, second = (
        [
            read(path).identity()
            for path in run(root, probes("logistic", ["labels"], [20]), {"labels": NETWORK})
        ]
        for _ in range(2)
    )
    assert first == second


def test_features_that_no_step_makes_are_named(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"reads no features 'pixel'.* Did you mean 'pixels'"):
        run(root, probes("naive_bayes", ["pixel"], [20]), {"pixels": PIXELS})


def test_a_sample_larger_than_the_pool_is_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match=r"A sample of 81 can't be drawn from 80 examples"):
        run(root, probes("naive_bayes", ["pixels"], [81]), {"pixels": PIXELS})
    assert not list((root / "results").rglob("*samples=81*"))


def test_ranges_past_the_data_and_overlaps_are_refused(root: Path) -> None:
    settings = DataSettings.model_validate({**DATA, "pool_images": [100, 200]})
    with pytest.raises(
        BadInputError, match=r"has 120 images in its train split, so that those from 100 to 200"
    ):
        training_part(settings, settings.pool_images, root)
    with pytest.raises(ValueError, match="overlap"):
        DataSettings.model_validate({**DATA, "feature_images": [0, 41]})
    fewer = DataSettings.model_validate({**DATA, "classes": 5})
    with pytest.raises(BadInputError, match=r"labels of fashion_mnist go up to 9, but 'classes' is 5"):
        training_part(fewer, fewer.pool_images, root)


def test_draws_hold_every_class_and_no_example_twice() -> None:
    pool = np.arange(200) % 10
    for seed in range(5):
        places = draw_places(pool, 12, 10, np.random.default_rng(seed))
        assert len(set(places.tolist())) == 12
        assert set(pool[places].tolist()) == set(range(10))


def test_samples_that_cannot_hold_every_class_are_refused() -> None:
    generator = np.random.default_rng(0)
    with pytest.raises(BadInputError, match=r"A sample of 9 can't hold an example of each of 10 classes"):
        draw_places(np.arange(100) % 10, 9, 10, generator)
    with pytest.raises(BadInputError, match=r"None of 10000 samples of 10 held all 10 classes"):
        draw_places(np.arange(100) % 9, 10, 10, generator)


def test_scaling_agrees_with_scikit_learn() -> None:
    from sklearn.preprocessing import MinMaxScaler

    generator = np.random.default_rng(0)
    sample, others = generator.normal(size=(20, 4)), generator.normal(size=(50, 4))
    sample[:, 1] = 3.0
    scaler = MinMaxScaler().fit(sample)
    for ours, raw in zip(unit_range(sample, others), (sample, others), strict=True):
        np.testing.assert_allclose(ours, scaler.transform(raw), atol=1e-12)


def test_principal_components_agree_with_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    images = bright(60, 0)[..., None]
    encoder, explained = principal_components(images, 3)
    reference = PCA(3, svd_solver="full").fit(pixels(images).astype(np.float64))
    theirs = reference.transform(pixels(images))
    ours = encoder(images)
    np.testing.assert_allclose(ours * np.sign((ours * theirs).sum(axis=0)), theirs, atol=1e-3)
    assert explained == pytest.approx(100 * reference.explained_variance_ratio_.sum(), rel=1e-4)
    with pytest.raises(BadInputError, match=r"784 pixels don't have 785 principal components"):
        principal_components(images, 785)


def test_turned_images_are_labelled_by_their_turns() -> None:
    images = torch.arange(2 * 4, dtype=torch.uint8).view(2, 2, 2, 1)
    four = turned(ImageSet(images, torch.tensor([7, 8]), Standardise.of(images), margin=2))
    assert four.labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert four.margin == 0
    assert four.images[2, ..., 0].tolist() == [
        [1, 3],
        [0, 2],
    ]  # a quarter turn against the clock of [[0, 1], [2, 3]]
    assert four.images[4, ..., 0].tolist() == [[3, 2], [1, 0]]


def test_a_feature_set_comes_back_as_it_was_saved(root: Path) -> None:
    run(root, probes("naive_bayes", ["pixels"], [20]), {"pixels": PIXELS})
    (path,) = (root / "results").rglob("features.npz")
    features = FeatureSet.load(path)
    again = path.with_name("again.npz")
    features.save(again)
    assert again.read_bytes() == path.read_bytes()
    assert features.pool.shape == (80, 784)
    assert features.facts.outside_data is False


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    write_prepared("other", [("weight", np.zeros((2, 2), np.float32))], tmp_path, {"tensors": ["weight"]})
    with pytest.raises(
        BadInputError, match=r"The tensors of other aren't those of timm's tf_efficientnet_lite0"
    ):
        load_efficientnet("other", tmp_path)


def test_tensors_in_order_make_the_network(tmp_path: Path) -> None:
    """The published tensors have other names: any will do, in the order of timm's."""
    import timm

    expected = timm.create_model("tf_efficientnet_lite0").eval()
    state = expected.state_dict()
    names = [f"tensor_{place}" for place in range(len(state))]
    arrays = [(name, tensor.numpy()) for name, tensor in zip(names, state.values(), strict=True)]
    write_prepared("same", arrays, tmp_path, {"tensors": [*names]})
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    loaded = load_efficientnet("same", tmp_path).eval()
    with torch.no_grad():
        features = expected.forward_head(expected.forward_features(images), pre_logits=True)  # type: ignore[operator]
        assert torch.equal(loaded(images), features)
