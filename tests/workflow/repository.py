"""A temporary copy of this repository, in which toy papers are run and edited."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET_RULES = re.compile(r"^(?:all|site|records|chance|coin_toss|dice|nap)$")


@dataclass(frozen=True)
class Repository:
    """The copy at `path`; `papers` are those that a plain `snakemake` would run there."""

    path: Path
    papers: str = "coin_toss,dice"

    def snakemake(
        self, *arguments: str, papers: str = "", config: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run Snakemake at scale smoke; `config` holds more of `--config`, `papers` others than usual."""
        configured = [f"papers={papers or self.papers}", "scale=smoke", *config.split()]
        return self.run("snakemake", *arguments, "--config", *configured)

    def plan(self, *arguments: str, papers: str = "", config: str = "") -> set[str]:
        """The jobs that Snakemake would run, by what it says of each; target rules are left out."""
        answer = self.snakemake("--dry-run", *arguments, papers=papers, config=config)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return planned(answer.stdout + answer.stderr)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the copy, apart from the settings of this machine's user."""
        return subprocess.run(
            command, cwd=self.path, env=environment(self.path), capture_output=True, text=True, check=False
        )

    def replace(self, name: str, old: str, new: str) -> None:
        """Put `new` for the one `old` that a file holds."""
        path = self.path / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name} holds {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new))

    def duplicate(self, path: Path) -> Repository:
        """A copy of this copy, with all dates."""
        shutil.copytree(self.path, path, symlinks=True)
        return Repository(path, self.papers)


def copy_repository(path: Path) -> Repository:
    """All files of this repository that Git tracks or doesn't ignore, committed to a new one."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if (ROOT / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, path / name)
    repository = Repository(path)
    commit(repository)
    return repository


def commit(repository: Repository) -> None:
    """Commit whatever there is."""
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        answer = repository.run(*git, *command)
        assert answer.returncode == 0, answer.stderr


def environment(home: Path) -> dict[str, str]:
    """The programs of the running interpreter first; nothing of DVC's, Git's or Snakemake's own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DVC_", "GIT_", "SNAKEMAKE"))
    }
    private = {
        f"DVC_{name}_DIR": str(home / ".dvc" / "tmp" / name) for name in ("GLOBAL_CONFIG", "SITE_CACHE")
    }
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    return {**kept, **private, "PATH": path, "DVC_NO_ANALYTICS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def planned(output: str) -> set[str]:
    """What a dry run says of each job; raises AssertionError where that isn't one line per job counted."""
    jobs = re.findall(r"^(?:Job \d+: )(.+)$", output, flags=re.MULTILINE)
    counted = dict(re.findall(r"^(\w+) +(\d+)$", output.rpartition("Job stats:")[2], flags=re.MULTILINE))
    counted.pop("total", None)
    expected = sum(int(count) for rule, count in counted.items() if not TARGET_RULES.match(rule))
    assert len(jobs) == len(set(jobs)) == expected, output
    return set(jobs)
