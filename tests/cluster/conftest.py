"""A Python with Snakemake's plugins for clusters, and a Slurm cluster of two nodes on this machine."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.workflow.repository import ROOT

CANNOT = 77  # what tests/cluster/slurm ends with where a machine can't have a cluster


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the plugins of `make cluster` beside all that the running one has.

    In the running one itself every Snakemake of all other tests would import them.
    """
    environment = tmp_path_factory.mktemp("plugins") / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    places = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    (Path(places.stdout.strip()) / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    plugins = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][
        "cluster"
    ]
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    answer = subprocess.run(
        [*command, "--constraint", str(ROOT / "requirements.txt"), *plugins],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        pytest.skip(f"pip could not install Snakemake's plugins for clusters: {answer.stderr[-500:]}")
    _ask_as_often_as_at_first(Path(places.stdout.strip()))
    return python


def _ask_as_often_as_at_first(packages: Path) -> None:
    """Keep the plugin from waiting ten seconds longer each time: half of what the tests would take."""
    plugin = packages / "snakemake_executor_plugin_slurm" / "__init__.py"
    text = plugin.read_text()
    longer = "self.next_seconds_between_status_checks + 10"
    assert text.count(longer) == 1
    plugin.write_text(text.replace(longer, "self.next_seconds_between_status_checks"))


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The cluster, for the tests of a module; it lasts until its standard input ends, however that comes."""
    shared = tmp_path_factory.getbasetemp().parent
    command = [ROOT / "tests/cluster/slurm", tmp_path_factory.mktemp("slurm") / "cluster"]
    with FileLock(shared / "slurm.lock"):
        cluster = subprocess.Popen(
            [*command, "sh", "-c", "echo ready; cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert cluster.stdout is not None
        is_ready = cluster.stdout.readline() == "ready\n"
        if is_ready:
            yield
        _, said = cluster.communicate(timeout=60)
        if not is_ready and cluster.returncode == CANNOT:
            pytest.skip(said)
        assert cluster.returncode == 0, said
