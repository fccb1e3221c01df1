"""CONTRIBUTING.md, followed to the letter, adds a paper and leads to a verdict on its page."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.workflow.repository import Repository
from tests.workflow.toy_papers import GUIDE, commands_of_guide, files_of_guide


def test_the_guide_is_short() -> None:
    assert len(GUIDE.read_text().splitlines()) < 60


def test_the_guide_touches_no_shared_file() -> None:
    names = files_of_guide()
    assert len(names) == 5
    assert all("coin_toss" in name and not (GUIDE.parent / name).exists() for name in names)


def test_the_commands_lead_to_a_verdict_on_the_page(ran: Repository) -> None:
    """They were typed when the repository was made; with these three seeds the differences are certain."""
    assert len(commands_of_guide()) == 2
    verdicts = json.loads((ran.path / "results/smoke/coin_toss/verdicts.json").read_text())["verdicts"]
    assert [(verdict["claim"], verdict["word"]) for verdict in verdicts] == [("lead_shows", "holds")]
    page = (ran.path / "site/smoke/coin_toss/index.html").read_text()
    assert "A disc with lead on one side shows heads more often than a coin." in page
    assert "holds" in page
    assert "coin_toss/index.html" in (ran.path / "site/smoke/index.html").read_text()


def test_the_files_pass_the_checks_that_the_guide_asks_for(ran: Repository) -> None:
    names = [name for name in files_of_guide() if name.endswith(".py")]
    programs = Path(sys.executable).parent
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        answer = ran.run(str(programs / "ruff"), *command, *names)
        assert answer.returncode == 0, answer.stdout
