"""A damaged object of DVC's cache, which DVC itself hands on without a word."""

from __future__ import annotations

import shutil

import pytest

from tests.workflow.repository import Repository

RUN = ("snakemake", "--config", "papers=coin_toss,dice", "scale=smoke")


pytestmark = pytest.mark.slow


def damage(repository: Repository) -> None:
    """Flip a bit of the cached array."""
    objects = (repository.path / ".dvc/cache/files/md5").rglob("*")
    [array] = [path for path in objects if path.is_file() and path.suffix != ".dir"]
    content = bytearray(array.read_bytes())
    content[-3] ^= 1
    array.chmod(0o644)
    array.write_bytes(content)
    array.chmod(0o444)


def test_it_is_refused_and_made_again_by_what_the_sentence_says(repository: Repository) -> None:
    damage(repository)
    shutil.rmtree(repository.path / "data/prepared/toy_faces")
    assert repository.run("dvc", "checkout", "faces").returncode == 0
    answer = repository.run(*RUN)
    assert answer.returncode == 1
    way_out = "Type: python -m common.rules.prepare toy_faces"
    assert f"faces.npy is not what data/manifests/toy_faces.json pins. {way_out}" in answer.stderr

    answer = repository.run("python", "-m", "common.rules.prepare", "toy_faces")
    assert answer.returncode == 0, answer.stderr
    assert "damaged in DVC's cache, so deleted; toy_faces is prepared again." in answer.stderr
    assert repository.plan() == set()
    shutil.rmtree(repository.path / "data/prepared/toy_faces")
    assert repository.run("dvc", "checkout", "faces").returncode == 0
    assert repository.plan() == set()


def test_a_run_that_prepares_the_data_passes_it_by(repository: Repository) -> None:
    damage(repository)
    shutil.rmtree(repository.path / "data/prepared")
    answer = repository.run(*RUN)
    assert answer.returncode == 0, answer.stdout + answer.stderr
