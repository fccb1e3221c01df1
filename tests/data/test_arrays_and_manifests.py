from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import common.data
from common.data.arrays import load, verify
from common.data.manifests import read_manifest
from common.data.prepare import write_prepared
from common.strict import BadInputError

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    write_prepared("toy", [("b", np.arange(4)), ("a", np.zeros((2, 2), np.uint8))], tmp_path, {})
    return tmp_path


def test_the_snakefile_can_ask_for_hash_and_files(toy: Path) -> None:
    assert common.data.array_files("toy", toy) == ["data/prepared/toy/a.npy", "data/prepared/toy/b.npy"]
    assert common.data.content_hash("toy", toy) == read_manifest("toy", toy).content_hash


def test_asking_for_them_imports_neither_numpy_nor_torch() -> None:
    program = (
        "import sys, common.data, common.data.arrays, common.data.__main__, common.data.obtain\n"
        "print({'numpy', 'torch', 'requests', 'tqdm', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("dataset", "command"), [("mnist", "python -m common.data mnist"), ("derived", "dvc repro")]
)
def test_a_missing_data_set_names_the_command(tmp_path: Path, dataset: str, command: str) -> None:
    with pytest.raises(BadInputError, match=rf"{dataset}\.json does not exist\. Type: {command}$"):
        load(dataset, tmp_path)


def test_a_missing_array_names_the_command(toy: Path) -> None:
    (toy / "data/prepared/toy/a.npy").unlink()
    with pytest.raises(BadInputError, match=r"a\.npy does not exist\. Type: dvc repro"):
        load("toy", toy)


def test_an_array_of_another_shape_is_refused_on_loading(toy: Path) -> None:
    np.save(toy / "data/prepared/toy/a.npy", np.zeros((3, 2), np.uint8))
    with pytest.raises(BadInputError, match=r"a\.npy is not what .*toy\.json pins"):
        load("toy", toy)


def test_a_truncated_array_is_refused_on_loading(toy: Path) -> None:
    path = toy / "data/prepared/toy/b.npy"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(BadInputError, match=r"b\.npy can't be read"):
        load("toy", toy)


def test_a_changed_value_is_found_by_verifying(toy: Path) -> None:
    np.save(toy / "data/prepared/toy/a.npy", np.ones((2, 2), np.uint8))
    load("toy", toy)
    with pytest.raises(BadInputError, match=r"a\.npy is not what"):
        verify("toy", toy)


def test_a_manifest_edited_by_hand_is_refused(toy: Path) -> None:
    path = toy / "data/manifests/toy.json"
    facts = json.loads(path.read_text())
    facts["arrays"]["a"]["hash"] = "0" * 64
    path.write_text(json.dumps(facts))
    with pytest.raises(BadInputError, match="edited by hand"):
        read_manifest("toy", toy)


def test_a_broken_manifest_is_a_sentence(toy: Path) -> None:
    path = toy / "data/manifests/toy.json"
    path.write_text(path.read_text()[:40])
    with pytest.raises(BadInputError, match=r"toy\.json is not valid JSON"):
        read_manifest("toy", toy)
