from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.data.arrays import load
from common.data.corruptions import ALL_CORRUPTIONS
from common.data.corruptions.__main__ import main
from common.data.corruptions.batches import corrupt
from common.data.corruptions.settings import CorruptedSettings, corrupted_settings
from common.data.corruptions.stage import make_corrupted
from common.data.prepare import write_prepared
from common.strict import BadInputError

Bytes = NDArray[np.uint8]


@pytest.fixture
def root(tmp_path: Path, images: Bytes, photographs: list[Bytes]) -> Path:
    labels = np.arange(len(images), dtype=np.int64)
    write_prepared("cifar10", [("test_images", images), ("test_labels", labels)], tmp_path, {})
    pictures = [(f"frost{number}", picture) for number, picture in enumerate(photographs, 1)]
    write_prepared("frost_photographs", pictures, tmp_path, {})
    return tmp_path


def settings(**changes: object) -> CorruptedSettings:
    stated = corrupted_settings("cifar10_corrupted").model_dump() | {"first": 5, "severities": [2, 5]}
    return CorruptedSettings.model_validate(stated | changes)


def test_one_array_per_corruption_and_severity(root: Path, images: Bytes, photographs: list[Bytes]) -> None:
    make_corrupted("cifar10_corrupted", settings(), root)
    arrays = load("cifar10_corrupted", root)
    assert set(arrays) == {"labels"} | {f"{name}_{s}" for name in ALL_CORRUPTIONS for s in (2, 5)}
    assert arrays["labels"].tolist() == [0, 1, 2, 3, 4]
    assert (arrays["frost_5"] == corrupt(images[:5], "frost", 5, 0, photographs)).all()
    assert (arrays["fog_2"] == corrupt(images[:5], "fog", 2, 0)).all()


def test_the_manifest_says_what_was_done_and_repeats(root: Path) -> None:
    path = root / "data/manifests/cifar10_corrupted.json"
    chosen = settings(corruptions=["fog", "frost"])
    make_corrupted("cifar10_corrupted", chosen, root)
    first = path.read_text()
    make_corrupted("cifar10_corrupted", chosen, root)
    assert path.read_text() == first
    facts = json.loads(first)["facts"]
    assert set(facts["derived_from"]) == {"cifar10", "frost_photographs"}
    assert facts["corruptions"] == ["fog", "frost"]
    assert facts["seed"] == 0


def test_photographs_are_not_asked_for_without_frost(root: Path) -> None:
    (root / "data/manifests/frost_photographs.json").unlink()
    manifest = make_corrupted("other", settings(corruptions=["fog"]), root)
    assert "frost_photographs" not in str(manifest.facts)
    with pytest.raises(BadInputError, match="frost_photographs"):
        make_corrupted("other", settings(corruptions=["frost"]), root)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first": 9}, "has 8 rows, fewer than the 9 wanted"),
        ({"images": "test_image"}, "no array 'test_image'. Did you mean 'test_images'"),
        ({"source": "cifar100"}, "cifar100"),
    ],
)
def test_sources_that_do_not_fit_are_told(root: Path, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        make_corrupted("cifar10_corrupted", settings(**changes), root)
    assert not (root / "data/prepared/cifar10_corrupted").exists()


def test_the_default_is_a_beginning_of_the_full_data_set() -> None:
    """Same seed, order and start: the quick images are then the first of the full ones, byte for byte."""
    quick, full = (corrupted_settings(f"cifar10_corrupted{end}") for end in ("", "_full"))
    assert full.first == 10_000
    assert full.severities == [1, 2, 3, 4, 5]
    assert set(quick.severities) <= set(full.severities)
    same = {"source", "images", "labels", "corruptions", "seed"}
    assert quick.model_dump(include=same) == full.model_dump(include=same)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("severities: [6]", "severities"),
        ("corruptions: [fogg]", "Did you mean 'fog'"),
        ("sead: 1", "unknown key .*sead"),
    ],
)
def test_mistakes_in_the_settings_are_told(tmp_path: Path, change: str, sentence: str) -> None:
    stated = {
        "source": "a",
        "images": "b",
        "labels": "c",
        "first": 1,
        "severities": [5],
        "corruptions": "all",
    }
    key, value = change.split(": ")
    lines = [f"  {k}: {v}" for k, v in (stated | {"seed": 0} | {key: value}).items()]
    path = tmp_path / "stages.yaml"
    path.write_text("set_corrupted:\n" + "\n".join(lines))
    with pytest.raises(BadInputError, match=sentence):
        corrupted_settings("set_corrupted", path)


def test_the_command_line_answers_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cifar11"]) == 1
    assert "Did you mean 'cifar10_corrupted'?" in capsys.readouterr().err


def test_the_command_line_makes_the_data_set(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert main(["cifar10", "--full"]) == 1  # eight images are not ten thousand
    assert "has 8 rows" in capsys.readouterr().err
    monkeypatch.setattr("common.data.corruptions.__main__.corrupted_settings", lambda _: settings())
    assert main(["cifar10"]) == 0
    assert load("cifar10_corrupted", root)["snow_5"].shape == (5, 32, 32, 3)
