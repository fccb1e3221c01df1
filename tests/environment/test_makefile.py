"""The Makefile tells of each of its commands and runs the programs of .venv alone."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
COMMANDS = re.findall(r"^\.PHONY: (\S+)$", MAKEFILE, flags=re.MULTILINE)


def test_help_shows_each_command() -> None:
    answer = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    shown = re.findall(r"^  make (\S+) +\S", answer.stdout, flags=re.MULTILINE)
    assert shown == COMMANDS
    assert {"reproduce", "test", "check", "site", "mlflow"} <= set(shown)


def test_commands_use_the_programs_of_the_environment() -> None:
    recipes = "\n".join(line for line in MAKEFILE.splitlines() if line.startswith("\t"))
    for program in ("python", "snakemake", "dvc", "mlflow", "ruff", "mypy", "snakefmt", "lint-imports"):
        bare = re.findall(rf"(?:^|[\s;@|&])({program})\s", recipes)
        assert not bare, f"{program} is taken from wherever PATH finds it"
