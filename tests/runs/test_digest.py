"""The code digest changes with every reachable statement, and with nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

import common.runs.digest
from common.runs.digest import code_digest, reachable
from common.strict import BadInputError

ENTRY = "experiments.track.entry"
FILES = {
    "common/__init__.py": "",
    "common/models/__init__.py": '"""Models."""\n',
    "common/models/network.py": "def build():\n    return 1\n",
    "common/models/other.py": "LAYERS = 3\n",
    "common/inside.py": "VALUE = 1\n",
    "common/constants.py": "NAME = 1\n",
    "common/unrelated.py": "X = 1\n",
    "experiments/track/__init__.py": "",
    "experiments/track/entry.py": (
        '"""An entry."""\n'
        "import json\n"
        "import common.models.network\n"
        "from common.models import other\n"
        "from common.constants import NAME\n"
        "from .relative import near\n"
        "from . import sibling\n"
        "\n"
        "def run():\n"
        '    """Run."""\n'
        "    from common.inside import VALUE\n"
        "    return VALUE + 1  # one more\n"
    ),
    "experiments/track/relative.py": "near = 1\n",
    "experiments/track/sibling.py": "here = 1\n",
    "papers/toy/figure.py": "from experiments.track import entry\n",
}


@pytest.fixture
def digest(tmp_path: Path) -> Callable[..., str]:
    """The entry's digest in a project whose files differ from FILES as told; each in a folder of its own."""
    numbers = itertools.count()

    def compute(changes: dict[str, str | None] | None = None, entry: str = ENTRY) -> str:
        root = tmp_path / str(next(numbers))
        for name, text in {**FILES, **(changes or {})}.items():
            if text is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
        return code_digest([entry], root)

    return compute


@pytest.mark.parametrize(
    "name",
    [
        "experiments/track/entry.py",
        "experiments/track/__init__.py",
        "experiments/track/relative.py",
        "experiments/track/sibling.py",
        "common/__init__.py",
        "common/models/__init__.py",
        "common/models/network.py",
        "common/models/other.py",
        "common/constants.py",
        "common/inside.py",
    ],
)
def test_a_statement_in_any_reachable_module_counts(digest: Callable[..., str], name: str) -> None:
    assert digest({name: FILES[name] + "MORE = 1\n"}) != digest()


@pytest.mark.parametrize("name", ["common/unrelated.py", "papers/toy/figure.py"])
def test_an_unreachable_module_does_not_count(digest: Callable[..., str], name: str) -> None:
    assert digest({name: FILES[name] + "MORE = 1\n"}) == digest()
    assert digest({"common/new.py": "X = 1\n"}) == digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""An entry."""\n', ""),
        ('"""An entry."""\n', '"""Something else."""\n'),
        ('    """Run."""\n', ""),
        ("  # one more", "  # not one less"),
        ("VALUE + 1", "(VALUE  +\n        1)"),
        ("def run():", "\n\n\ndef run( ):"),
        ('"""Run."""', "'Run.'"),
    ],
)
def test_comments_docstrings_and_formatting_do_not_count(
    digest: Callable[..., str], old: str, new: str
) -> None:
    entry = FILES["experiments/track/entry.py"]
    assert old in entry
    assert digest({"experiments/track/entry.py": entry.replace(old, new)}) == digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [("VALUE + 1", "VALUE + 2"), ("def run():", "def run(x=1):"), ("import json", "import math")],
)
def test_a_changed_statement_counts(digest: Callable[..., str], old: str, new: str) -> None:
    entry = FILES["experiments/track/entry.py"]
    assert digest({"experiments/track/entry.py": entry.replace(old, new)}) != digest()


def test_a_string_that_is_no_docstring_counts(digest: Callable[..., str]) -> None:
    assert digest({"common/constants.py": "NAME = 'a'\n"}) != digest({"common/constants.py": "NAME = 'b'\n"})


def test_a_module_under_another_name_counts(digest: Callable[..., str]) -> None:
    moved = {
        "common/constants.py": None,
        "common/constant.py": FILES["common/constants.py"],
        "experiments/track/entry.py": FILES["experiments/track/entry.py"].replace("constants", "constant"),
    }
    assert digest(moved) != digest()


def test_the_place_of_the_project_does_not_count(digest: Callable[..., str]) -> None:
    assert digest() == digest()


def test_a_function_without_more_than_a_docstring_may_lose_it(digest: Callable[..., str]) -> None:
    with_docstring = {"common/constants.py": 'def NAME():\n    """Nothing."""\n'}
    assert digest(with_docstring) == digest({"common/constants.py": "def NAME():\n    pass\n"})


def test_imports_that_go_in_a_circle_end(digest: Callable[..., str]) -> None:
    circle = {"common/constants.py": "from experiments.track import entry\nNAME = 1\n"}
    assert digest(circle) != digest()


def test_what_is_reached(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert reachable([ENTRY], tmp_path) == {
        "common",
        "common.models",
        "common.models.network",
        "common.models.other",
        "common.constants",
        "common.inside",
        "experiments.track",
        ENTRY,
        "experiments.track.relative",
        "experiments.track.sibling",
    }
    assert reachable(["papers.toy.figure"], tmp_path) == reachable([ENTRY], tmp_path) | {"papers.toy.figure"}


def test_a_missing_module_is_named(digest: Callable[..., str]) -> None:
    with pytest.raises(BadInputError, match=r"no module 'experiments\.track\.enrty'.*check the 'entry'"):
        digest(entry="experiments.track.enrty")


def test_what_was_found_in_a_source_is_kept_and_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        (tmp_path / "kept" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "kept" / name).write_text(text)
    first = code_digest([ENTRY], tmp_path / "kept")
    kept = sorted((tmp_path / "kept/.snakemake/digests").iterdir())
    assert len(kept) == len(reachable([ENTRY], tmp_path / "kept"))
    forget = common.runs.digest._parse.cache_clear

    forget()
    with monkeypatch.context() as patch:
        patch.setattr(common.runs.digest, "_parsed", None)  # nothing is parsed again
        assert code_digest([ENTRY], tmp_path / "kept") == first
    kept[0].write_text("[")
    forget()
    assert code_digest([ENTRY], tmp_path / "kept") == first
