"""Setting up: once, again when anything changed, and a sentence where it can't be done."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Stands in for Python and pip: makes a .venv that holds a copy of itself. Files in the folder make it fail.
PYTHON = """#!/bin/bash
case "$*" in
  --version) echo 'Python 3.11.0' ;;
  '-m venv .venv') echo venv >> calls; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  '-m pip install'*) echo pip >> calls
    echo 'Collecting one==1'; echo '  Downloading one-1.whl (754.1 MB)'
    if [[ -f pip_fails ]]; then echo 'ERROR: no network'; exit 1; fi ;;
  '-c '*version_info*) [[ ! -f is_old ]] ;;
  '-c import venv'*) [[ ! -f lacks_venv ]] ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the script, a small lock and the stand-in for Python."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "set-up", tmp_path / ".ci" / "set-up")
    (tmp_path / "requirements.txt").write_text("one==1\n")
    python = tmp_path / "stand_in"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def set_up(clone: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PYTHON": str(clone / "stand_in"), "PATH": "/usr/bin:/bin", **variables}
    return subprocess.run(
        [clone / ".ci" / "set-up"], env=surroundings, capture_output=True, text=True, check=False
    )


def calls(clone: Path) -> list[str]:
    return (clone / "calls").read_text().split()


def test_it_is_done_once(clone: Path) -> None:
    first = set_up(clone)
    assert (first.returncode, first.stderr) == (0, "")
    assert "Downloading one-1.whl (754.1 MB)" in first.stdout
    second = set_up(clone)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert calls(clone) == ["venv", "pip"]


def test_a_changed_lock_starts_from_nothing(clone: Path) -> None:
    set_up(clone)
    (clone / ".venv" / "left_over").touch()
    (clone / "requirements.txt").write_text("one==2\n")
    set_up(clone)
    assert calls(clone) == ["venv", "pip"] * 2
    assert not (clone / ".venv" / "left_over").exists()


def test_a_changed_lock_is_no_trouble_for_who_has_the_environment_activated(clone: Path) -> None:
    """`make` puts .venv/bin first in PATH: that Python is deleted before it could make the next .venv."""
    set_up(clone)
    (clone / "elsewhere").mkdir()
    for folder in (clone / ".venv" / "bin", clone / "elsewhere"):
        shutil.copy(clone / "stand_in", folder / "python3.11")
    (clone / "requirements.txt").write_text("one==2\n")
    path = f"{clone / '.venv' / 'bin'}:{clone / 'elsewhere'}:/usr/bin:/bin"
    answer = set_up(clone, PYTHON="", PATH=path)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert calls(clone) == ["venv", "pip"] * 2


def test_a_moved_folder_is_set_up_again(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    set_up(clone)
    moved = tmp_path_factory.mktemp("moved") / "clone"
    shutil.copytree(clone, moved)
    set_up(moved)
    assert calls(moved) == ["venv", "pip"] * 2


def test_a_broken_python_is_noticed(clone: Path) -> None:
    set_up(clone)
    (clone / ".venv" / "bin" / "python").unlink()
    set_up(clone)
    assert calls(clone) == ["venv", "pip"] * 2


def test_a_failed_installation_shows_why_and_is_tried_again(clone: Path) -> None:
    (clone / "pip_fails").touch()
    failed = set_up(clone)
    assert failed.returncode == 1
    assert "ERROR: no network" in failed.stderr
    assert "Installing requirements.txt failed" in failed.stderr
    (clone / "pip_fails").unlink()
    assert set_up(clone).returncode == 0
    assert calls(clone) == ["venv", "pip"] * 2


@pytest.mark.parametrize(
    ("obstacle", "sentence"),
    [
        ("is_old", "which is not a Python of version 3.11 or newer"),
        ("lacks_venv", "has no module 'venv' or 'ensurepip'"),
    ],
)
def test_an_unfit_python_gets_a_sentence(clone: Path, obstacle: str, sentence: str) -> None:
    (clone / obstacle).touch()
    answer = set_up(clone)
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert not (clone / ".venv").exists()


def without(program: str, clone: Path) -> str:
    """A PATH with the few programs that the script uses, but not `program`."""
    folder = clone / "programs"
    folder.mkdir()
    for name in {"bash", "dirname", "cksum", "grep", "tail", "rm", "cp", "mkdir", "git", "env"} - {program}:
        (folder / name).symlink_to(str(shutil.which(name)))
    return str(folder)


def test_missing_git_gets_a_sentence(clone: Path) -> None:
    answer = set_up(clone, PATH=without("git", clone))
    assert answer.returncode == 1
    assert "git was not found" in answer.stderr


def test_no_python_at_all_gets_a_sentence(clone: Path) -> None:
    answer = set_up(clone, PYTHON="", PATH=without("python3", clone))
    assert answer.returncode == 1
    assert "Python 3.11 or newer was not found" in answer.stderr
