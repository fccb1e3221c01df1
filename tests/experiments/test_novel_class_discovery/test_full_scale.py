"""The full-scale configuration, as committed, runs on tiny data: released hyperparameters, search and
averages.

Only the amounts are cut (rows, epochs, trials, runs); data sets, networks and hyperparameters are the real
ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from common.data.prepare import write_prepared
from common.records.schema import Record
from common.runs.config import PaperConfig
from common.runs.execute import execute
from common.runs.plan import find_job

REPOSITORY = Path(__file__).parents[3]
CONFIG = yaml.safe_load(
    (REPOSITORY / "experiments/novel_class_discovery/tabular_ncd/config.yaml").read_text()
)
STEPS = CONFIG["scales"]["full"]["steps"]
TUNED = ["ncd_spectral_clustering", "pbn", "baseline", "tabular_ncd"]
SHAPES = {"letter_recognition": (16, 26), "optdigits": (64, 10), "pendigits": (16, 10)}
AMOUNTS: dict[str, Any] = {
    "trials": 2,
    "most_folds": 1,
    "runs": 1,
    "most": 4,
    "epochs": 1,
    "pretraining_epochs": 1,
}


def cut(value: Any) -> Any:
    """The settings with every amount made small."""
    if not isinstance(value, dict):
        return value
    small = {key: AMOUNTS[key] if key in AMOUNTS else cut(inner) for key, inner in value.items()}
    if "kind" in small:
        small["estimation"] = {"most": 4, "runs": 1}
    return small


def cut_step(step: dict[str, Any]) -> dict[str, Any]:
    methods = {name: cut(settings) for name, settings in step["methods"].items()}
    return {**step, "settings": cut(step["settings"]), "methods": methods}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code by links, and small tables in the shapes of the prepared data sets."""
    folder = tmp_path_factory.mktemp("full")
    for package in ("common", "experiments"):
        (folder / package).symlink_to(REPOSITORY / package)
    generator = np.random.default_rng(0)
    for name, (features, classes) in SHAPES.items():
        arrays: list[tuple[str, np.ndarray]] = []
        for part, each in (("train", 12), ("test", 6)):
            labels = np.arange(each * classes, dtype=np.int64) % classes
            rows = generator.integers(0, 5, (len(labels), features)) + labels[:, None] % 11
            arrays += [(f"{part}_features", rows.astype(np.uint8)), (f"{part}_labels", labels)]
        write_prepared(name, arrays, folder, {})
    return folder


@pytest.fixture(scope="module")
def config() -> PaperConfig:
    steps = {name: cut_step(step) for name, step in STEPS.items()}
    steps["released_uci"]["conditions"] = [
        {"dataset": ["cnae_9"], "classes": ["known", "estimated"], "chosen_on": ["released"]}
    ]
    return PaperConfig.model_validate({**CONFIG, "scales": {"full": {"seeds": 1, "steps": steps}}})


def run(step: str, method: str, config: PaperConfig, root: Path, **folders: Path) -> list[Record]:
    spec = find_job(config, "full", step, method, 0)
    execute(spec, config, root, folders)
    return [Record.model_validate_json((root / path).read_text()) for path in spec.records]


def test_the_configuration_is_the_papers() -> None:
    methods = STEPS["released"]["methods"]
    training = methods["pbn"]["method"]["training"]
    assert (training["epochs"], training["batch_size"], training["weight_decay"]) == (200, 512, 0.01)
    assert methods["pbn"]["given"]["pendigits"]["known"] == {
        "learning_rate": 0.00284,
        "classification_weight": 0.4606,
        "dropout": 0.0254,
        "latent_size": 11,
    }
    for method in TUNED:
        assert len(methods[method]["given"]) == 7
    sets = [STEPS[name]["conditions"][0]["dataset"] for name in ("released", "released_uci")]
    assert len({*sets[0], *sets[1]}) == 7
    assert (CONFIG["scales"]["full"]["seeds"], STEPS["released"]["settings"]["runs"]) == (10, 5)


@pytest.mark.slow
@pytest.mark.parametrize("method", TUNED)
def test_released_hyperparameters_are_run_and_averaged(method: str, config: PaperConfig, root: Path) -> None:
    records = run("released", method, config, root)
    assert {record.protocol["dataset"] for record in records} == set(SHAPES)
    assert {record.protocol["chosen_on"] for record in records} == {"released"}
    (known, _) = run("released_averages", method, config, root)
    assert known.protocol["data_sets"] == "letter_recognition, optdigits, pendigits"
    uci = root / "uci" / "cnae_9"
    uci.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    lines = [",".join(map(str, [1 + row % 9, *generator.integers(0, 3, 20)])) + "\n" for row in range(180)]
    (uci / "CNAE-9.data").write_text("".join(lines))
    run("released_uci", method, config, root, uci=root / "uci")
    (_, seven) = run("seven_averages", method, config, root)
    assert seven.protocol["data_sets"] == "cnae_9, letter_recognition, optdigits, pendigits"


@pytest.mark.slow
@pytest.mark.parametrize("method", TUNED)
def test_a_search_is_made_judged_and_averaged(method: str, config: PaperConfig, root: Path) -> None:
    for step in ("search", "oracle", "discovery", "averages"):
        records = run(step, method, config, root)
    assert {record.protocol["chosen_on"] for record in records} == {"hidden_classes"}
    assert all("oracle_gap" in record.metrics for record in records)


@pytest.mark.slow
def test_the_rest_runs_too(config: PaperConfig, root: Path, tmp_path: Path) -> None:
    for method in STEPS["untuned"]["methods"]:
        run("untuned", method, config, root)
        (known, _) = run("untuned_averages", method, config, root)
        assert "oracle_gap" not in known.metrics
    run("search", "pbn", config, root)
    assert {record.protocol["latents"] for record in run("raw_latents", "pbn", config, root)} == {"raw"}
