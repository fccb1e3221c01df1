"""The profile for Kubernetes plans; there is no server here that could run the plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.workflow.repository import copy_repository
from tests.workflow.toy_papers import files_of_guide, write


@pytest.mark.slow
def test_the_profile_plans_with_a_gpu_for_each_run_of_full_scale(python: Path, tmp_path: Path) -> None:
    repository = copy_repository(tmp_path / "repository")
    write(files_of_guide(), repository.path)
    command = [
        str(python),
        "-m",
        "snakemake",
        "--profile",
        "profiles/kubernetes",
        "--dry-run",
        "--quiet",
        "host",
    ]
    answer = repository.run(*command, "--config", "papers=coin_toss", "scale=full")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    asked = re.findall(r"^    resources: (.*runtime=.*)$", answer.stdout + answer.stderr, flags=re.MULTILINE)
    assert len(asked) == 6
    for resources in asked:
        assert {"mem_mb=16000", "runtime=1440", "gpu=1", "gpu_manufacturer=nvidia", "scale=0"} <= set(
            resources.split(", ")
        )
