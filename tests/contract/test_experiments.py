"""What every experiment keeps to: valid configurations, light entries, code that a digest can follow."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.data.manifests import manifest_path
from common.records.schema import Scale
from common.rules.checks import check_paper
from common.rules.stages import stages_by_dataset
from common.runs.config import SCALES
from common.runs.identity import job_digest
from common.runs.registry import find_config
from common.strict import read_yaml
from tests.contract.discovery import PAPERS, PAPERS_AT_SCALES, ROOT, all_specs, specs

HEAVY = ["torch", "jax", "mlflow", "matplotlib", "pandas", "scipy", "sklearn", "timm", "cv2", "dvc"]
COMPUTED_IMPORTS = {"importlib", "runpy", "__import__", "exec", "eval"}


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_has_every_scale(paper: str) -> None:
    """Without one of them, `--config papers=all` would fail at that scale."""
    assert set(find_config(paper, ROOT).scales) == set(SCALES)


@pytest.mark.parametrize(("paper", "scale"), PAPERS_AT_SCALES)
def test_every_file_and_setting_validates(paper: str, scale: Scale) -> None:
    """Entries and methods exist, their settings are accepted, data sets have a stage and a manifest."""
    check_paper(paper, scale, ROOT)


@pytest.mark.parametrize(("paper", "scale"), PAPERS_AT_SCALES)
def test_no_two_jobs_write_one_file(paper: str, scale: Scale) -> None:
    files = [path for spec in specs(paper, scale) for path in (*spec.records, spec.artefact) if path]
    assert len(files) == len(set(files))


@pytest.mark.parametrize("paper", PAPERS)
def test_a_data_set_that_settings_name_is_one_that_the_step_declares(paper: str) -> None:
    """Only declared data sets are pinned in the record: another would be read, but not said to be."""
    prepared = {path.stem for path in (ROOT / "data" / "manifests").glob("*.json")}
    for spec in all_specs(paper):
        named = {value for value in spec.settings.values() if isinstance(value, str) and value in prepared}
        assert named <= set(spec.config.datasets)


def test_manifests_are_committed() -> None:
    names = {name for paper in PAPERS for spec in all_specs(paper) for name in spec.config.datasets}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert names
    assert {str(manifest_path(name)) for name in names} <= set(tracked.stdout.splitlines())


def test_stages_are_locked() -> None:
    """DVC would add a stage to the committed dvc.lock, and every record made from then on be called dirty."""
    stages = stages_by_dataset(ROOT)
    names = {name for paper in PAPERS for spec in all_specs(paper) for name in spec.config.datasets}
    assert {stages[name] for name in names & set(stages)} <= set(read_yaml(ROOT / "dvc.lock")["stages"])


def test_entries_import_nothing_heavy() -> None:
    """Snakemake imports every entry to check its settings; a framework there would slow each start."""
    entries = sorted({spec.config.entry for paper in PAPERS for spec in all_specs(paper)})
    program = f"import sys\nfor name in {entries}: __import__(name)\nprint(*set(sys.modules) & set({HEAVY}))"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == ""


@pytest.mark.parametrize(
    "path", sorted((ROOT / "experiments").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_digest_can_follow_every_import(path: Path) -> None:
    """A module that is imported by a computed name escapes the code digest: its numbers would go stale."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: set[str | None] = {node.id} if isinstance(node, ast.Name) else set()
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
        assert not names & COMPUTED_IMPORTS


def test_deleting_the_papers_changes_no_digest(tmp_path: Path) -> None:
    """Blind production: code that makes a number can't see the number that it should match."""
    for folder in ("common", "experiments"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for paper in PAPERS:
        for spec in all_specs(paper):
            assert job_digest(spec, tmp_path) == job_digest(spec, ROOT)


def test_flagships_stand_for_their_tracks() -> None:
    for track, paper in read_yaml(ROOT / "config.yaml")["flagships"].items():
        assert find_config(paper, ROOT).track == track
