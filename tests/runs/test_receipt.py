"""A job's receipt: what it says, and that records which aren't those of their job are named and refused."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.records.schema import Record
from common.runs import collect as collecting
from common.runs.digest import code_digest
from common.runs.execute import execute
from common.runs.plan import JobSpec, find_job
from common.runs.receipt import Receipt, check_untouched, file_hash, read_receipt
from common.strict import BadInputError
from tests.runs.test_execute import ENTRY, start, toy_config, well_behaved

__all__ = ["start"]  # the fixture

RECORD = "results/quick/toy_paper/records/only/exact/seed0/severity=1.json"


@pytest.fixture
def spec(start: Callable[..., list[Record]]) -> JobSpec:
    """A job of two cells, with an artefact, that was run."""
    start(settings={"factor": 2.5})
    return find_job(toy_config(settings={"factor": 2.5}), "quick", "only", "exact", 0)


def receipt_of(spec: JobSpec, root: Path) -> Receipt:
    found = read_receipt(spec, root)
    assert found is not None
    return found


def test_a_receipt_says_what_the_job_hung_on_and_what_it_left(spec: JobSpec, tmp_path: Path) -> None:
    receipt = check_untouched(spec, tmp_path)
    assert set(receipt.modules) == {ENTRY}
    assert receipt.config["settings"] == {"factor": 2.5}
    assert receipt.records == {path.as_posix(): file_hash(tmp_path / path) for path in spec.records}
    left = [
        path for path in (tmp_path / "results").rglob("*") if path.is_file() and path.name != "seed0.json"
    ]
    assert len(left) == 4  # two records, a curve, the artefact
    assert receipt.bytes == sum(path.stat().st_size for path in left)
    record = Record.model_validate_json((tmp_path / RECORD).read_text())
    assert record.cost.memory_mib is not None
    assert receipt.memory_mib >= record.cost.memory_mib > 1
    lines = "".join(f"{name} {digest}\n" for name, digest in receipt.modules.items())
    assert record.code == code_digest([ENTRY], tmp_path)
    assert record.code == hashlib.sha256(lines.encode()).hexdigest()


def test_time_counts_from_the_start_of_the_process(
    start: Callable[..., list[Record]], tmp_path: Path
) -> None:
    start()
    config = toy_config()
    spec = find_job(config, "quick", "only", "exact", 0)
    execute(spec, config, tmp_path, {}, since=time.time() - 100)
    assert 100 <= receipt_of(spec, tmp_path).seconds < 130


def collect(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What collecting says: nothing, or the sentence with which it ends."""
    monkeypatch.setattr(collecting, "ROOT", root)
    monkeypatch.setattr(collecting, "find_config", lambda paper, root: toy_config(settings={"factor": 2.5}))
    monkeypatch.chdir(root)
    try:
        collecting.main("toy_paper")
    except SystemExit as end:
        return str(end.code)
    return ""


def better(text: str) -> str:
    record = json.loads(text)
    record["metrics"]["error_percent"] /= 2
    return json.dumps(record)


@pytest.mark.parametrize("tamper", [better, lambda text: text + "\n", lambda text: text[:-20]])
def test_a_changed_record_is_named_and_refused(
    spec: JobSpec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tamper: Callable[[str], str],
) -> None:
    assert collect(tmp_path, monkeypatch, capsys) == ""
    (tmp_path / RECORD).write_text(tamper((tmp_path / RECORD).read_text()))
    said = collect(tmp_path, monkeypatch, capsys)
    assert said.startswith(f"error: {RECORD} was changed after its job had left it")
    assert said.endswith("type: python -m common.runs toy_paper only exact --scale quick --seed 0")


def test_a_record_without_receipt_is_refused(spec: JobSpec, tmp_path: Path) -> None:
    (tmp_path / spec.receipt).unlink()
    with pytest.raises(BadInputError, match=r"receipts/only/exact/seed0\.json does not exist, so nothing"):
        check_untouched(spec, tmp_path)


def test_a_record_that_is_gone_is_named(spec: JobSpec, tmp_path: Path) -> None:
    (tmp_path / RECORD).unlink()
    with pytest.raises(BadInputError, match=r"severity=1\.json does not exist\. Type: python"):
        check_untouched(spec, tmp_path)


@pytest.mark.parametrize("text", ["half a rec", "{}"])
def test_a_broken_receipt_is_named(spec: JobSpec, tmp_path: Path, text: str) -> None:
    (tmp_path / spec.receipt).write_text(text)
    with pytest.raises(BadInputError, match=r"receipts/only/exact/seed0\.json"):
        check_untouched(spec, tmp_path)


def test_a_job_that_fails_leaves_no_receipt_of_an_earlier_one(
    start: Callable[..., list[Record]], tmp_path: Path
) -> None:
    def fails(job: Any) -> Iterator[Any]:
        yield next(well_behaved(job))
        raise RuntimeError("out of memory")

    start()
    spec = find_job(toy_config(), "quick", "only", "exact", 0)
    with pytest.raises(RuntimeError):
        start(fails)
    assert read_receipt(spec, tmp_path) is None
