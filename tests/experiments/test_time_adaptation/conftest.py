from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.experiments.test_time_adaptation.project import STEPS, Project, configuration, make_root


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Data are there, but nothing has run."""
    return Project(make_root(tmp_path), configuration(STEPS))


@pytest.fixture(scope="session")
def trained_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the source networks of two seeds leave below results."""
    project = Project(make_root(tmp_path_factory.mktemp("trained")), configuration(STEPS))
    for seed in (0, 1):
        project.run("source_network", "training", seed)
    return project.root / "results"


@pytest.fixture
def trained(project: Project, trained_results: Path) -> Project:
    """The source networks of two seeds are there, to be adapted."""
    shutil.copytree(trained_results, project.root / "results")
    return project
