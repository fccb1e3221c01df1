from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.runs.conditions import condition_name, product
from common.runs.config import PaperConfig
from common.runs.plan import JobSpec, find_job, jobs
from common.strict import BadInputError


def config(**changes: Any) -> PaperConfig:
    """A step that trains, a step that reads its network, and a deterministic step."""
    steps = {
        "source_network": {
            "entry": "experiments.t.source",
            "methods": {"training": {}},
            "artefact": "network.pt",
        },
        "adaptation": {
            "entry": "experiments.t.adaptation",
            "needs": ["source_network"],
            "settings": {"batch_size": 8, "epochs": 1},
            "methods": {"source": {}, "ent": {"epochs": 4}},
            "conditions": [
                {"split": ["development"], "learning_rate": [0.1, 1.0]},
                {"split": ["test"], "corruption": ["fog", "snow"], "severity": [1, 5]},
            ],
            "only": {"source": [1]},
            **changes,
        },
        "theory": {"entry": "experiments.t.theory", "methods": {"exact": {}}, "seeds": 1},
    }
    scales = {"quick": {"seeds": 3, "steps": steps}}
    return PaperConfig.model_validate({"paper": "toy_paper", "track": "toy_track", "scales": scales})


def job(method: str, seed: int = 0, **changes: Any) -> JobSpec:
    return find_job(config(**changes), "quick", "adaptation", method, seed)


def test_conditions_are_products_whose_last_value_varies_fastest() -> None:
    assert list(product({"a": [1, 2], "b": ["x", "y"]})) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    assert list(product({})) == [{}]


def test_a_method_has_the_conditions_of_all_products_in_order() -> None:
    test = [
        {"split": "test", "corruption": corruption, "severity": severity}
        for corruption in ("fog", "snow")
        for severity in (1, 5)
    ]
    development = [{"split": "development", "learning_rate": rate} for rate in (0.1, 1.0)]
    assert job("ent").conditions == development + test
    assert job("source").conditions == test
    assert job("ent", only={"ent": [1, 0]}).conditions == test + development


def test_values_keep_their_types() -> None:
    conditions = job("ent", conditions=[{"a": [1, 1.5, "x", True]}], only={}).conditions
    assert [type(condition["a"]) for condition in conditions] == [int, float, str, bool]


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        ({}, "all"),
        ({"corruption": "fog", "severity": 5}, "corruption=fog+severity=5"),
        ({"rate": 0.1, "on": True}, "rate=0.1+on=True"),
        ({"data": "a/b"}, "data=a-b"),
    ],
)
def test_conditions_have_file_names(condition: dict[str, Any], name: str) -> None:
    assert condition_name(condition) == name


def test_records_and_artefacts_have_places_of_their_own() -> None:
    folder = Path("results/quick/toy_paper")
    assert job("source", 2).records[0] == (
        folder / "records/adaptation/source/seed2/split=test+corruption=fog+severity=1.json"
    )
    everything = list(jobs(config(), "quick"))
    records = [path for spec in everything for path in spec.records]
    assert len(set(records)) == len(records) == 3 * 1 + 3 * (4 + 6) + 1
    assert everything[0].artefact == folder / "artefacts/source_network/training/seed0/network.pt"
    assert job("ent").artefact is None


def test_a_methods_settings_extend_and_override_the_steps() -> None:
    assert job("ent").settings == {"batch_size": 8, "epochs": 4}
    assert job("source").settings == {"batch_size": 8, "epochs": 1}


def planned(seeds: int | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for spec in jobs(config(), "quick", seeds):
        counts[f"{spec.step}/{spec.method}"] = counts.get(f"{spec.step}/{spec.method}", 0) + 1
    return counts


@pytest.mark.parametrize(("seeds", "expected"), [(None, 3), (7, 7), (1, 1)])
def test_seeds_can_be_overridden_but_for_what_has_a_number_of_its_own(
    seeds: int | None, expected: int
) -> None:
    assert planned(seeds) == {
        "source_network/training": expected,
        "adaptation/source": expected,
        "adaptation/ent": expected,
        "theory/exact": 1,
    }


def test_the_slice_of_the_configuration_has_what_numbers_hang_on_and_nothing_else() -> None:
    base = job("ent").config_slice()
    assert json.loads(base) == {
        "settings": {"batch_size": 8, "epochs": 4},
        "conditions": job("ent").conditions,
        "threads": 1,
    }
    assert job("ent", settings={"batch_size": 9, "epochs": 1}).config_slice() != base
    assert job("ent", threads=2).config_slice() != base
    assert job("ent", conditions=[{"split": ["test"]}], only={}).config_slice() != base
    # the other method's settings, and a setting that this one overrides
    assert job("ent", methods={"source": {"epochs": 9}, "ent": {"epochs": 4}}).config_slice() == base
    assert job("ent", settings={"batch_size": 8, "epochs": 2}).config_slice() == base
    assert job("ent", settings={"epochs": 1, "batch_size": 8}).config_slice() == base
    assert job("ent", 1).config_slice() == base


@pytest.mark.parametrize(
    ("step", "method", "seed", "sentence"),
    [
        ("adaptatoin", "ent", 0, r"no step 'adaptatoin' at scale quick\. Did you mean 'adaptation'"),
        ("adaptation", "sorce", 0, r"no method 'sorce'\. Did you mean 'source'"),
        ("adaptation", "ent", -1, "no seed -1; seeds count from 0"),
        ("theory", "exact", 1, "no seed 1"),
    ],
)
def test_a_job_that_is_not_there_is_named(step: str, method: str, seed: int, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        find_job(config(), "quick", step, method, seed)


def test_a_scale_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInputError, match=r"toy_paper has no scale 'full'\. Known: quick"):
        next(jobs(config(), "full"))
