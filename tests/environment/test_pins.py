"""Lock, ranges and conda file say the same, and the environment that runs the tests is the lock."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
FILES = ["requirements.txt", "environment.yml", "pyproject.toml", "Makefile", ".ci/set-up", ".ci/run"]
LOCK = ROOT / "requirements.txt"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RANGES = [Requirement(line) for line in PROJECT["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["optional-dependencies"]["development"]]
CLUSTER = [Requirement(line) for line in PROJECT["optional-dependencies"]["cluster"]]


def pins(lines: list[str]) -> dict[str, str]:
    """Version by canonical name; fails on a line that isn't one exact pin."""
    found: dict[str, str] = {}
    for line in lines:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)", line)
        assert match, f"'{line}' is not name==version"
        name = canonicalize_name(match[1])
        assert name not in found, f"{name} is pinned twice"
        found[name] = match[2]
    return found


def locked() -> dict[str, str]:
    return pins([line for line in LOCK.read_text().splitlines() if line and not line.startswith("#")])


def conda() -> Any:
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def test_environment_yml_holds_the_pins_of_the_lock() -> None:
    (pip_section,) = [entry["pip"] for entry in conda()["dependencies"] if isinstance(entry, dict)]
    assert pins(pip_section) == locked(), "type: touch requirements.txt && make environment.yml"


def test_environment_yml_takes_python_and_pip_alone_from_conda() -> None:
    assert [entry for entry in conda()["dependencies"] if isinstance(entry, str)] == ["python=3.11", "pip"]


@pytest.mark.parametrize("requirement", RANGES + DEVELOPMENT, ids=lambda requirement: requirement.name)
def test_each_range_admits_the_pin(requirement: Requirement) -> None:
    assert requirement.specifier, f"{requirement.name} has no range in pyproject.toml"
    assert requirement.specifier.contains(locked()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("name", ["torch", "torchvision"])
def test_torch_and_torchvision_are_exact_in_the_ranges_too(name: str) -> None:
    (requirement,) = [requirement for requirement in RANGES if requirement.name == name]
    assert str(requirement.specifier) == f"=={locked()[name]}"


def test_cluster_plugins_stay_out_of_the_lock() -> None:
    assert CLUSTER
    assert not {canonicalize_name(requirement.name) for requirement in CLUSTER} & set(locked())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("forbidden", ["+cpu", "+cu", "https://", "index-url", "find-links", "trusted-host"])
def test_no_file_names_a_registry_or_a_build(name: str, forbidden: str) -> None:
    code = [line.partition("#")[0] for line in (ROOT / name).read_text().splitlines()]
    assert not [line for line in code if forbidden in line]


def test_setuptools_is_locked_for_torch() -> None:
    assert Version(locked()["setuptools"]) >= Version("77.0.3")


def test_this_environment_is_the_lock() -> None:
    wrong = {
        name: (version, metadata.version(name))
        for name, version in locked().items()
        if Version(metadata.version(name)).public != version
    }
    assert not wrong, f"(locked, installed): {wrong}; type: make set-up"


def test_pip_finds_no_conflict_in_this_environment() -> None:
    command = [sys.executable, "-m", "pip", "check"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
