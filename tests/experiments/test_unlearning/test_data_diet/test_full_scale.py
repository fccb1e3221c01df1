"""The full-scale configuration, as committed, runs on tiny data: forward, backward, evaluation, record.

Only the amounts are cut, and networks take turns, since a processor compiles and runs that fastest.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import yaml

from common.checkpoints import VARIABLE, Checkpoints
from common.data.prepare import write_prepared
from common.models.flax.small_cnn import SmallCNN
from common.records.schema import Record
from common.runs.config import PaperConfig
from common.runs.execute import execute
from tests.experiments.test_time_adaptation.project import REPOSITORY, Project

CONFIG = yaml.safe_load((REPOSITORY / "experiments/unlearning/data_diet/config.yaml").read_text())
STEPS = CONFIG["scales"]["full"]["steps"]
AMOUNTS = {
    "epochs": 2,
    "batch_size": 4,
    "steps_per_call": 1,
    "networks": 1,
    "gradients_at_once": 4,
    "validation_share": 0.1,
    "grand_epochs": [0],
    "epoch": 1,
    "group": 2,
    "classes": 2,
    "points": 1,
}


def cut(value: Any) -> Any:
    """The settings with every amount made small."""
    if isinstance(value, dict):
        return {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    return value


def cut_step(step: dict[str, Any], condition: dict[str, Any]) -> dict[str, Any]:
    return {
        **step,
        "settings": cut(step["settings"]),
        "methods": cut(step["methods"]),
        "conditions": [condition],
        "only": {},
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Noise under two labels, ten training images of each."""
    root = tmp_path_factory.mktemp("full")
    for package in ("common", "experiments"):
        (root / package).symlink_to(REPOSITORY / package)
    generator = np.random.default_rng(0)
    arrays: list[tuple[str, np.ndarray]] = []
    for split, count in (("train", 20), ("test", 4)):
        images = generator.integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
        arrays += [(f"{split}_images", images), (f"{split}_labels", np.arange(count, dtype=np.int64) % 2)]
    write_prepared("cifar10", arrays, root, {})
    steps = {
        "ways": STEPS["ways"],
        "scores": cut_step(STEPS["scores"], {"trained": [0.0, 0.5, 1.0]}),
        "pruning": cut_step(STEPS["pruning"], {"kept": [0.5]}),
    }
    config = PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})
    project = Project(root, config)
    artefact = project.job("ways", "timing").artefact
    assert artefact is not None
    (root / artefact).parent.mkdir(parents=True)
    (root / artefact).write_text(json.dumps({"way": "looped"}))
    return project


def test_the_configuration_is_the_paper_s() -> None:
    for step in ("scores", "pruning", "windows", "connectivity"):
        settings = STEPS[step]["settings"]
        assert (settings["data"]["dataset"], settings["data"]["network"]) == ("cifar10", "resnet18")
        training = settings["training"]
        assert (training["epochs"], training["batch_size"], training["learning_rate"]) == (200, 128, 0.1)
        assert (training["momentum"], training["weight_decay"]) == (0.9, 0.0005)
        assert (training["drops"], training["drop"]) == ([0.3, 0.6, 0.8], 0.2)
    assert STEPS["scores"]["settings"]["networks"] == 10
    assert STEPS["noisy_scores"]["settings"]["label_noise"] == 0.1


@pytest.mark.slow
def test_it_scores_dies_goes_on_and_prunes(full: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, write = full.job("scores", "ensemble"), Checkpoints._write

    def write_and_die(self: Checkpoints, name: str, content: dict[str, Any]) -> None:
        write(self, name, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setenv(VARIABLE, "0")
        patched.setattr(Checkpoints, "_write", write_and_die)
        with pytest.raises(KeyboardInterrupt):
            execute(spec, full.config, full.root, {})
    records: list[Record] = full.run("scores", "ensemble")
    assert records[-1].cost.resumed
    assert records[-1].protocol["network"] == "resnet18"
    assert records[-1].protocol["augmentation"] is True
    assert -1 <= records[0].metrics["grand_with_input_norm"] <= 1
    (pruned,) = full.run("pruning", "el2n")
    assert pruned.protocol["kept_images"] == 9
    assert 0 <= pruned.metrics["accuracy"] <= 100


def test_the_small_network_has_the_size_that_the_code_s_has() -> None:
    """Convolutions 3-32-32-64-64-128-128 of 3 x 3 and a dense layer: about 290 thousand parameters."""
    import jax
    from flax import nnx

    network = nnx.eval_shape(lambda: SmallCNN(10, 3, nnx.Rngs(0)))
    widths = [(3, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)]
    expected = sum(9 * before * after + after for before, after in widths) + 1290
    assert sum(leaf.size for leaf in jax.tree.leaves(nnx.state(network, nnx.Param))) == expected
    logits = nnx.eval_shape(lambda: SmallCNN(10, 3, nnx.Rngs(0))(jax.numpy.zeros((2, 32, 32, 3))))
    assert logits.shape == (2, 10)
