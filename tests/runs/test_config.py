from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.runs.config import load_config
from common.runs.folders import folder_hash, parse_folders
from common.runs.registry import find_config, find_method, paper_configs
from common.strict import BadInputError

CONFIG: dict[str, Any] = {
    "paper": "toy_paper",
    "track": "toy_track",
    "scales": {
        "quick": {
            "seeds": 2,
            "steps": {
                "first": {"entry": "a.b", "methods": {"train": {}}, "artefact": "network.pt"},
                "second": {
                    "entry": "a.c",
                    "methods": {"one": {}, "two": {}},
                    "needs": ["first"],
                    "conditions": [{"split": ["development"]}, {"split": ["test"], "severity": [1, 5]}],
                    "only": {"one": [1]},
                },
            },
        }
    },
}


def write(root: Path, config: dict[str, Any], paper: str = "toy_paper", track: str = "toy_track") -> Path:
    path = root / "experiments" / track / paper / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def test_a_configuration_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, CONFIG))
    assert list(config.scale("quick").steps) == ["first", "second"]
    assert config.scale("quick").steps["second"].only == {"one": [1]}


SECOND = ("scales", "quick", "steps", "second")


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("scale",), {}, r"unknown key 'scale'\. Did you mean 'scales'"),
        (("scales", "quick", "sedes"), 1, r"unknown key 'scales\.quick\.sedes'\. Did you mean 'seeds'"),
        ((*SECOND, "condition"), [], r"second\.condition'\. Did you mean 'conditions'"),
        ((*SECOND, "threads"), 0, "threads' is 0"),
        ((*SECOND, "seeds"), 0, "seeds' is 0"),
        ((*SECOND, "methods"), {}, "methods' is {}"),
        ((*SECOND, "methods"), {"One": {}}, "'One'"),
        ((*SECOND, "methods", "one"), None, r"methods\.one' is None"),
        ((*SECOND, "only"), {"oen": [0]}, r"'only' names the method 'oen'\. Did you mean 'one'"),
        ((*SECOND, "only"), {"one": [2]}, "'only' of 'one' points past the 2 conditions"),
        ((*SECOND, "only"), {"one": [-1]}, "is -1"),
        ((*SECOND, "only"), {"one": []}, r"only\.one' is \[\]"),
        ((*SECOND, "conditions"), [], r"conditions' is \[\]"),
        ((*SECOND, "conditions", 0), {"split": []}, r"conditions\.0\.split' is \[\]"),
        ((*SECOND, "conditions", 0), {"split": ["test", "test"]}, "'two' has the condition split=test more"),
        ((*SECOND, "conditions", 0), {"split": ["a/b", "a-b"]}, "has the condition split=a-b more than once"),
        ((*SECOND, "needs"), ["frist"], r"needs 'frist', which no earlier step is\. Did you mean 'first'"),
        ((*SECOND, "needs"), ["second"], "'second' needs 'second', which no earlier step is"),
        (("scales", "quick", "steps", "first", "artefact"), None, "'first', which must have an artefact"),
        (
            ("scales", "quick", "steps", "first", "methods"),
            {"one": {}, "tow": {}},
            r"step 'second' needs 'first', which has neither a method 'two' nor one method alone\. "
            r"Did you mean 'tow'",
        ),
        ((*SECOND, "gathers"), {"first": 0}, r"gathers\.first' is 0"),
        ((*SECOND, "gathers"), {"first": 2}, "'first' stands under 'needs' and under 'gathers'; keep one"),
        ((*SECOND, "gathers"), {"frist": 2}, r"gathers 'frist', which no earlier step is\. Did you mean"),
        ((*SECOND, "gathers"), {"second": 2}, "'second' gathers 'second', which no earlier step is"),
        (("scales", "quick", "steps"), {}, r"steps' is {}"),
        (("scales", "huge"), {}, "'scales.huge"),
        (("paper",), "other", "says track 'toy_track', paper 'other', but lies in toy_track/toy_paper"),
        (("track",), "Toy", "'track' is 'Toy'"),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path: Path, place: tuple[Any, ...], value: Any, sentence: str) -> None:
    broken = copy.deepcopy(CONFIG)
    inner: Any = broken
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    with pytest.raises(BadInputError, match=sentence):
        load_config(write(tmp_path, broken))


@pytest.mark.parametrize("methods", [["train"], ["one"], ["one", "two"], ["one", "two", "three"]])
def test_a_step_may_need_one_with_its_methods_or_with_one(tmp_path: Path, methods: list[str]) -> None:
    config = copy.deepcopy(CONFIG)
    config["scales"]["quick"]["steps"]["first"]["methods"] = {method: {} for method in methods}
    assert load_config(write(tmp_path, config))


def test_overlapping_conditions_of_different_methods_are_no_mistake(tmp_path: Path) -> None:
    config = copy.deepcopy(CONFIG)
    second = config["scales"]["quick"]["steps"]["second"]
    second["conditions"] = [{"split": ["test"]}, {"split": ["test", "development"]}]
    second["only"] = {"one": [0], "two": [1]}
    assert load_config(write(tmp_path, config))


def test_papers_are_found_by_their_folders(tmp_path: Path) -> None:
    first = write(tmp_path, CONFIG)
    second = write(tmp_path, {**CONFIG, "paper": "another"}, "another")
    assert paper_configs(tmp_path) == {"another": second, "toy_paper": first}
    assert find_config("another", tmp_path).paper == "another"


def test_an_unknown_paper_gets_a_suggestion(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    with pytest.raises(
        BadInputError, match=r"no paper 'toy_papr' under experiments/\. Did you mean 'toy_paper'"
    ):
        find_config("toy_papr", tmp_path)


def test_two_papers_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    write(tmp_path, CONFIG, track="other_track")
    with pytest.raises(
        BadInputError, match=r"Two experiments share a name: .*other_track.* and .*Rename one"
    ):
        find_config("toy_paper", tmp_path)


@pytest.fixture
def track(tmp_path: Path) -> Path:
    for name in ("baselines/source", "baselines/__init__", "paper/methods/ent", "paper/settings"):
        path = tmp_path / "experiments" / "toy_track" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_methods_are_baselines_or_a_papers_own(track: Path) -> None:
    assert find_method("toy_track", "source", track) == "experiments.toy_track.baselines.source"
    assert find_method("toy_track", "ent", track) == "experiments.toy_track.paper.methods.ent"


def test_an_unknown_method_gets_a_suggestion(track: Path) -> None:
    with pytest.raises(
        BadInputError, match=r"No method 'sorce' in experiments/toy_track/\. Did you mean 'source'"
    ):
        find_method("toy_track", "sorce", track)
    with pytest.raises(BadInputError, match=r"No method 'settings' .*Known: ent, source\."):
        find_method("toy_track", "settings", track)


def test_a_method_that_two_files_implement_is_refused(track: Path) -> None:
    (track / "experiments/toy_track/baselines/ent.py").touch()
    with pytest.raises(BadInputError, match=r"Two files implement 'ent': .*baselines/ent\.py, .*Rename one"):
        find_method("toy_track", "ent", track)


def test_folders_are_named_by_the_user(tmp_path: Path) -> None:
    assert parse_folders([f"images={tmp_path}"], ["images"]) == {"images": tmp_path}
    assert parse_folders([], []) == {}
    (tmp_path / "a=b").mkdir()
    assert parse_folders([f"images={tmp_path}/a=b"], ["images"]) == {"images": tmp_path / "a=b"}


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ([], "reads a folder called 'images' that you name. Add: --folder images=<path>"),
        (["image=."], r"No folder called 'image' is used here\. Did you mean 'images'"),
        (["images=/does/not/exist"], "images=/does/not/exist does not exist"),
        (["images"], "The folder images= does not exist"),
    ],
)
def test_folders_that_cannot_be_used_are_named(named: list[str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        parse_folders(named, ["images"])


def test_the_hash_of_a_folder_tells_one_copy_from_another(tmp_path: Path) -> None:
    def folder(name: str, files: dict[str, str]) -> str:
        for file, text in files.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(text)
        return folder_hash(tmp_path / name)

    first = folder("a", {"x/1": "one", "y": "two"})
    assert folder("b", {"y": "two", "x/1": "one"}) == first
    assert folder("c", {"x/1": "one", "y": "longer"}) != first
    assert folder("d", {"x/2": "one", "y": "two"}) != first
    assert folder("e", {"x/1": "one"}) != first
