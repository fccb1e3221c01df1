"""Checkpoints: what is kept, what is never trusted, and that short jobs write nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from common.checkpoints import VARIABLE, Checkpoints, Progress
from common.strict import BadInputError

IDENTITY = "0123456789abcdef0123"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where every checkpoint is due."""
    monkeypatch.setenv(VARIABLE, "0")
    return tmp_path / "seed0"


def must_not_run(progress: Progress) -> Any:
    raise AssertionError("an earlier attempt has this")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_part_that_is_kept_is_not_computed_again(folder: Path) -> None:
    value = {"errors": [0.1, float("inf")], "weights": torch.arange(3.0), "kind": "worst", "rate": None}
    assert Checkpoints.open(folder, IDENTITY).kept("part 0.1", lambda _: value) is value
    again = Checkpoints.open(folder, IDENTITY)
    found = again.kept("part 0.1", must_not_run)
    assert torch.equal(found.pop("weights"), torch.arange(3.0))
    assert found == {"errors": [0.1, float("inf")], "kind": "worst", "rate": None}
    assert again.resumed


def test_names_may_hold_what_no_file_name_may(folder: Path) -> None:
    checkpoints = Checkpoints.open(folder, IDENTITY)
    names = ("a/b", "a.b", "ä%2F")
    for name in names:
        made = name.upper()
        checkpoints.kept(name, lambda _, made=made: made)  # type: ignore[misc]
    again = Checkpoints.open(folder, IDENTITY)
    assert [again.kept(name, must_not_run) for name in names] == ["A/B", "A.B", "Ä%2F"]


def test_a_job_shorter_than_the_interval_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    checkpoints = Checkpoints.open(tmp_path / "seed0", IDENTITY)
    progress = checkpoints.progress("training")
    assert progress.load() is None
    progress.save(must_not_run_without_progress)
    checkpoints.kept("part", lambda _: 1)
    assert list(tmp_path.iterdir()) == []


def must_not_run_without_progress() -> Any:
    raise AssertionError("nothing is due")


def test_what_was_finished_before_is_written_with_what_is_due(tmp_path: Path) -> None:
    now = Checkpoints(tmp_path / "seed0" / "job", interval=3600)
    now.kept("first", lambda _: 1)
    now._interval = 0.0
    now.kept("second", lambda _: 2)
    assert files(tmp_path) == ["first.pt", "second.pt"]


def test_the_progress_of_a_part_ends_with_it(folder: Path) -> None:
    seen = []

    def compute(progress: Progress) -> int:
        assert progress.load() is None
        progress.save(lambda: {"epoch": 1})
        seen.extend(files(folder))
        return 1

    Checkpoints.open(folder, IDENTITY).kept("part", compute)
    assert seen == ["part (begun).pt"]
    assert files(folder) == ["part.pt"]


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty"])
def test_a_damaged_file_is_never_trusted(
    folder: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    Checkpoints.open(folder, IDENTITY).kept("part", lambda _: "before")
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    damaged = {"truncated": bytes(content[: len(content) // 2]), "flipped": bytes(content), "empty": b""}
    path.write_bytes(damaged[damage])
    again = Checkpoints.open(folder, IDENTITY)
    assert again.kept("part", lambda _: "after") == "after"
    assert "half-written or damaged" in capsys.readouterr().err
    assert not again.resumed


def test_checkpoints_of_another_job_are_removed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Checkpoints.open(folder, IDENTITY).kept("part", lambda _: "of other settings")
    other = Checkpoints.open(folder, "f" + IDENTITY)
    assert "made by other code, settings, data or libraries" in capsys.readouterr().err
    assert files(folder) == []
    assert other.kept("part", lambda _: "of these") == "of these"


def test_a_file_that_was_being_written_is_removed(folder: Path) -> None:
    Checkpoints.open(folder, IDENTITY).kept("part", lambda _: 1)
    unfinished = folder / IDENTITY[:16] / ".part.pt.123.part"
    unfinished.write_text("hal")
    Checkpoints.open(folder, IDENTITY)
    assert not unfinished.exists()


def test_the_clock_runs_on_where_the_checkpoint_was_written(folder: Path) -> None:
    first = Checkpoints.open(folder, IDENTITY)
    first._write("part", {"value": 1, "spent": (1000.0, 400.0)})
    again = Checkpoints.open(folder, IDENTITY)
    start = again.spent()
    again.kept("part", must_not_run)
    spent = again.spent().since(start)
    assert 1000 <= spent.seconds < 1100
    assert 400 <= spent.processor_seconds < 500


def test_time_before_a_kill_counts_once_more_after_the_next(folder: Path) -> None:
    Checkpoints.open(folder, IDENTITY)._write("loop", {"state": 5, "spent": (1000.0, 400.0)})
    second = Checkpoints.open(folder, IDENTITY).progress("loop")
    assert second.load() == 5
    second.save(lambda: 6)
    third = Checkpoints.open(folder, IDENTITY)
    start = third.spent()
    assert third.progress("loop").load() == 6
    assert 1000 <= third.spent().since(start).seconds < 1100


def test_a_finished_job_leaves_none(folder: Path) -> None:
    checkpoints = Checkpoints.open(folder, IDENTITY)
    checkpoints.kept("part", lambda _: 1)
    checkpoints.remove()
    assert not folder.exists()


def test_an_interval_that_is_no_number_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "often")
    with pytest.raises(BadInputError, match=r"RESEARCH_CHECKPOINT_SECONDS is 'often'; set it to a number"):
        Checkpoints.open(folder, IDENTITY)
