"""The machine is named without heavy imports, and a commit is never claimed that isn't the code's."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
import torch

from common.records import machine
from common.records.machine import commit_of, machine_facts


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "code.py").write_text("x = 1\n")
    git(tmp_path, "add", "code.py")
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    git(tmp_path, *author, "commit", "--quiet", "--message", "first")
    git(tmp_path, "tag", "v1")
    return tmp_path


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def test_facts_name_this_machine() -> None:
    facts = machine_facts()
    assert facts.processor
    assert 1 <= facts.cores <= (os.cpu_count() or 1)
    assert facts.memory_gib == pytest.approx(
        os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, abs=0.06
    )
    assert facts.python == ".".join(map(str, sys.version_info[:3]))
    assert facts.packages["torch"].partition("+")[0] == torch.__version__.partition("+")[0]


def test_no_heavy_package_is_imported() -> None:
    code = """
import sys
from common.records.machine import machine_facts
machine_facts()
print({"torch", "jax", "numpy", "mlflow", "pandas"} & set(sys.modules))
"""
    command = [sys.executable, "-c", code]
    answer = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"


def test_the_accelerator_is_the_one_that_a_loaded_torch_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = types.SimpleNamespace(is_available=lambda: True, get_device_name=lambda index: f"device {index}")
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(cuda=cuda))
    assert machine_facts().accelerator == "device 0"
    cuda.is_available = lambda: False
    assert machine_facts().accelerator is None


def test_the_driver_is_asked_where_torch_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Card A'\necho 'Card B'\n")
    program.chmod(0o755)
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    machine._driver_accelerator.cache_clear()
    assert machine_facts().accelerator == "Card A"
    machine._driver_accelerator.cache_clear()


def test_commit_is_the_whole_hash_even_where_a_tag_is(repository: Path) -> None:
    assert commit_of(repository) == git(repository, "rev-parse", "HEAD")


def test_commit_says_when_tracked_files_differ(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    (repository / "other.txt").write_text("not tracked")
    assert commit_of(repository) == head
    (repository / "code.py").write_text("x = 2\n")
    assert commit_of(repository) == f"{head}-dirty"


def test_commit_is_unknown_outside_git(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == "unknown"


def test_commit_of_a_surrounding_repository_is_not_taken(repository: Path) -> None:
    inner = repository / "copy"
    inner.mkdir()
    assert commit_of(inner) == "unknown"


def test_commit_is_unknown_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert commit_of(repository) == "unknown"
