"""What receipts and committed recordings say of earlier runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.ledger.durations import machine_name
from common.ledger.estimates import Estimate, duration_of, memory_of
from common.ledger.remembering import remember
from common.records.schema import MachineFacts
from tests.ledger.histories import run_job

HERE = {
    "processor": "Abacus", "cores": 2, "memory_gib": 8.0, "accelerator": None,
    "system": "Linux 1", "python": "3.11", "packages": {},
}  # fmt: skip
MACHINE = machine_name(MachineFacts.model_validate(HERE))
RESULTS = Path("results/smoke")


def write_receipt(root: Path, method: str, seconds: float, **machine: Any) -> Path:
    receipt = {
        "paper": "toys", "scale": "smoke", "step": "training", "method": method, "seed": 0, "modules": {},
        "config": {}, "data": {}, "inputs": {}, "records": {}, "machine": {**HERE, **machine}, "commit": "c",
        "finished": "2026-01-01T00:00:00+00:00", "seconds": seconds, "memory_mib": 50.0, "bytes": 7,
    }  # fmt: skip
    path = root / RESULTS / "toys/receipts/training" / method / "seed0.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(receipt))
    return path


def estimate(root: Path, method: str = "ft") -> Estimate | None:
    job = run_job(0, method)
    return duration_of(job, remember([job], RESULTS, root, MACHINE))


def test_receipts_of_the_step_are_found(tmp_path: Path) -> None:
    write_receipt(tmp_path, "ft", 12)
    for method, same in {"ft": True, "rl": False}.items():
        found = estimate(tmp_path, method)
        assert found is not None
        assert found.seconds == pytest.approx(12)
        assert (found.same, found.here) == (same, True)
    assert memory_of(run_job(0), remember([run_job(0)], RESULTS, tmp_path, MACHINE)) == 50


def test_a_new_kernel_is_no_new_machine_but_another_processor_is(tmp_path: Path) -> None:
    write_receipt(tmp_path, "ft", 12, system="Linux 2", packages={"torch": "3"})
    write_receipt(tmp_path, "rl", 30, processor="Difference Engine")
    found = estimate(tmp_path, "rl")
    assert found is not None
    assert found.seconds == pytest.approx(12)
    assert found.here is True


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_a_receipt_that_cannot_be_used_tells_nothing(text: str, tmp_path: Path) -> None:
    write_receipt(tmp_path, "ft", 12).write_text(text)
    assert estimate(tmp_path) is None


def recorded_cell(seconds: float, condition: int, scale: str = "smoke", **machine: Any) -> str:
    """A line of a recording: one cell of ft at seed 0."""
    record = {
        "schema_version": 2, "track": "t", "paper": "toys", "step": "training", "method": "ft",
        "condition": {"n": condition}, "scale": scale, "seed": 0, "protocol_type": "P", "protocol": {},
        "settings": {}, "metrics": {}, "data": {}, "inputs": {}, "code": "c",
        "cost": {"seconds": seconds, "processor_seconds": 1.0, "threads": 1, "memory_mib": 80.0 + condition},
        "machine": {**HERE, **machine}, "commit": "c", "finished": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    return json.dumps({"path": f"records/n={condition}.json", "record": record, "curves": None}) + "\n"


def test_committed_recordings_serve_where_there_is_no_receipt(tmp_path: Path) -> None:
    folder = tmp_path / "papers/toys/recorded"
    folder.mkdir(parents=True)
    elsewhere = {"accelerator": "GPU"}
    (folder / "one.jsonl").write_text(recorded_cell(40, 1, **elsewhere) + recorded_cell(2, 2, **elsewhere))
    (folder / "full.jsonl").write_text(recorded_cell(4000, 1, scale="full"))
    found = estimate(tmp_path)
    assert found is not None
    assert found.seconds == pytest.approx(42)
    assert found.here is False
    assert memory_of(run_job(0), remember([run_job(0)], RESULTS, tmp_path, MACHINE)) == 82
    write_receipt(tmp_path, "rl", 5)
    again = estimate(tmp_path)
    assert again is not None
    assert again.seconds == pytest.approx(5)
    assert again.here is True
