"""Which programs jobs start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.workflow.repository import Repository, environment


def test_jobs_find_their_python_though_no_environment_is_activated(repository: Repository) -> None:
    lost = next((repository.path / "results").rglob("records/*/*/seed1/*.json"))
    lost.unlink()
    answer = subprocess.run(
        [Path(sys.executable).parent / "snakemake", "--config", f"papers={repository.papers}", "scale=smoke"],
        cwd=repository.path,
        env={**environment(repository.path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert lost.is_file()
