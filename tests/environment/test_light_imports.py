"""What only reads files starts at once: it loads no framework, in any command's help and while planning."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.discovery import PAPERS, all_specs

ROOT = Path(__file__).parents[2]
PREFIXES = {"common.warm_start"}  # runs the module that it is given, whose help it is
FOUND = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "common").rglob("__main__.py")}
COMMANDS = sorted(FOUND - PREFIXES)
# Snakemake itself is what reads the Snakefile, so it is no matter there.
HEAVY = (
    "torch",
    "jax",
    "mlflow",
    "scipy",
    "sklearn",
    "statsmodels",
    "pandas",
    "matplotlib",
    "timm",
    "cv2",
    "dvc",
)
TELL = f"print('loaded:', *sorted(set(sys.modules) & set({HEAVY})))"
SHOW_HELP = """
try:
    runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert not end.code
"""


def loaded_by(program: str, *arguments: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", f"import sys, runpy\n{program}\n{TELL}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    shown, _, loaded = answer.stdout.rpartition("loaded:")
    assert "--help" in shown or not arguments
    return loaded.strip()


def test_the_commands_are_those_that_the_documents_name() -> None:
    named = re.findall(
        r"python -m (common[.a-z_]+)", (ROOT / "README.md").read_text() + (ROOT / "Makefile").read_text()
    )
    assert set(named) <= set(COMMANDS)
    assert {"common.runs", "common.data", "common.benchmark"} <= set(COMMANDS)


@pytest.mark.parametrize("module", COMMANDS)
def test_help_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(SHOW_HELP.format(module=module), "--help") == ""


def test_planning_loads_nothing_heavy() -> None:
    """Every module that the Snakefile and its rules import, and every entry, whose settings are checked."""
    rules = [ROOT / "Snakefile", *(ROOT / "common/rules").glob("*.smk")]
    found = (re.findall(r"^\s*(?:from|import) (common[.\w]*)", path.read_text(), re.M) for path in rules)
    reached = {module for modules in found for module in modules}
    assert "common.rules.workflow" in reached
    entries = {spec.config.entry for paper in PAPERS for spec in all_specs(paper)}
    assert loaded_by(f"for name in {sorted(reached | entries)}: __import__(name)") == ""


def test_a_heavy_import_would_be_seen() -> None:
    assert loaded_by("import pandas") == "pandas"
