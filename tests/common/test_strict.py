from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate


class Leaf(StrictModel):
    colour: str = "green"
    size: int = Field(default=1, ge=1)


class Twig(StrictModel):
    length: int
    leaf: Leaf | None = None


class Branch(StrictModel):
    kind: Literal["branch"] = "branch"
    leaves: list[Leaf] = []
    named: dict[str, Leaf] = {}
    maybe: Leaf | None = None
    either: Leaf | Twig | None = None
    nested: dict[str, list[Twig]] = {}
    pair: tuple[Leaf, ...] = ()
    marked: Annotated[list[Leaf], Field(max_length=9)] = []
    scalars: dict[str, int | list[int]] = {}


class Root(StrictModel):
    kind: Literal["root"] = "root"
    depth: int = 0


class Tree(StrictModel):
    parts: list[Annotated[Branch | Root, Field(discriminator="kind")]] = []


METHODS = ", ".join(f"method{i:02}" for i in range(30))


def test_what_is_right_is_built() -> None:
    branch = validate(Branch, {"leaves": [{"colour": "red"}], "maybe": None}, "tree.yaml")
    assert branch.leaves[0].colour == "red"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"leafs": []}, r"tree\.yaml: unknown key 'leafs'\. Did you mean 'leaves'\?"),
        ({"leaves": [{}, {"color": "red"}]}, r"'leaves\.1\.color'\. Did you mean 'colour'"),
        ({"named": {"oak": {"color": "red"}}}, r"'named\.oak\.color'\. Did you mean 'colour'"),
        ({"maybe": {"color": "red"}}, r"'maybe\.color'\. Did you mean 'colour'"),
        ({"pair": [{"color": "red"}]}, r"'pair\.0\.color'\. Did you mean 'colour'"),
        ({"marked": [{"color": "red"}]}, r"'marked\.0\.color'\. Did you mean 'colour'"),
        ({"nested": {"a": [{"length": 1, "laef": {}}]}}, r"'nested\.a\.0\.laef'\. Did you mean 'leaf'"),
        (
            {"nested": {"a": [{"length": 1, "leaf": {"siez": 2}}]}},
            r"'nested\.a\.0\.leaf\.siez'\. Did you mean 'size'",
        ),
        ({"either": {"color": "red"}}, r"'either\.Leaf\.color'\. Did you mean 'colour'"),
        ({"either": {"lenth": 1}}, r"'either\.Twig\.lenth'\. Did you mean 'length'"),
        ({"either": {"length": 1, "leaf": {"siez": 1}}}, r"either\.Twig\.leaf\.siez'\. Did you mean 'size'"),
        ({"maybe": {"qqqq": 1}}, r"unknown key 'maybe\.qqqq'\. Known: colour, size\."),
        ({"maybe": {"size": 0}}, r"'maybe\.size' is 0: Input should be greater than or equal to 1\."),
        ({"nested": {"a": [{}]}}, r"the key 'nested\.a\.0\.length' is missing\."),
        ({"leafs": [], "maybe": {"size": 0}}, r"'maybe\.size' is 0.*unknown key 'leafs'"),
        ([], r"tree\.yaml: '' is \[\]"),
    ],
)
def test_a_mistake_is_named_where_it_is(data: Any, sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        validate(Branch, data, "tree.yaml")


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"kind": "branch", "leafs": []}, r"'parts\.0\.branch\.leafs'\. Did you mean 'leaves'"),
        ({"kind": "root", "dept": 1}, r"'parts\.0\.root\.dept'\. Did you mean 'depth'"),
        ({"kind": "branch", "maybe": {"siez": 1}}, r"'parts\.0\.branch\.maybe\.siez'\. Did you mean 'size'"),
    ],
)
def test_a_mistake_in_one_of_several_kinds_is_named(part: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        validate(Tree, {"parts": [part]}, "tree.yaml")


def test_models_are_frozen() -> None:
    leaf = Leaf()
    with pytest.raises(ValidationError, match="frozen"):
        leaf.size = 2


@pytest.mark.parametrize(
    ("word", "known", "ending"),
    [
        ("sorce", ["source", "ent"], " Did you mean 'source'?"),
        ("zzz", ["source", "ent"], " Known: ent, source."),
        ("zzz", [], " Known: none."),
        ("man", ["mean", "main", "many", "fog"], " Did you mean 'mean', 'many' or 'main'?"),
        ("main_tabel", ["main_table", "table"], " Did you mean 'main_table'?"),
        ("x", [f"method{i:02}" for i in range(32)], f" Known: {METHODS} and 2 more."),
    ],
)
def test_suggestions_end_a_sentence(word: str, known: list[str], ending: str) -> None:
    assert suggest(word, known) == ending


def test_yaml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: [1, 0.5, text, true]\nb: &x {c: 1}\nd: *x\n")
    assert read_yaml(path) == {"a": [1, 0.5, "text", True], "b": {"c": 1}, "d": {"c": 1}}


@pytest.mark.parametrize(
    ("text", "sentence"), [("a: [1", "is not valid YAML"), ("a: !!python/name:os.system", "not valid")]
)
def test_yaml_that_cannot_be_read_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(BadInputError, match=rf"a\.yaml .*{sentence}"):
        read_yaml(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"a\.yaml does not exist"):
        read_yaml(tmp_path / "a.yaml")
