"""The profile for Kubernetes plans; there is no server here that could run the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflow.jobs import COIN_TOSSES
from tests.workflow.repository import copy_repository, planned
from tests.workflow.toy_papers import files_of_guide, write

ARGUMENTS = ["-m", "snakemake", "--profile", "profiles/kubernetes", "--dry-run", "--quiet", "host"]


@pytest.mark.slow
def test_the_profile_plans_with_files_in_its_storage(python: Path, tmp_path: Path) -> None:
    repository = copy_repository(tmp_path / "repository")
    write(files_of_guide(), repository.path)
    answer = repository.run(str(python), *ARGUMENTS, "--config", "papers=coin_toss", "scale=full")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert planned(answer.stdout + answer.stderr) >= COIN_TOSSES
    receipt = "/mnt/reproduction/results/full/coin_toss/receipts/tosses/fair/seed0.json (in storage)"
    assert receipt in answer.stdout + answer.stderr
