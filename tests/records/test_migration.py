"""Records of other schemas: those of version 1 are read, others are refused with what to type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.records.collected import collect, read_collected
from common.records.schema import Record
from common.strict import BadInputError
from tests.claims.builders import TEMPLATE

NEW_IN_2 = {"memory_mib", "accelerator_memory_mib", "energy_joules"}


def old_record() -> dict[str, Any]:
    """A record as version 1 wrote it."""
    record = TEMPLATE.model_dump(mode="json")
    cost = {name: value for name, value in record["cost"].items() if name not in NEW_IN_2}
    return {**record, "schema_version": 1, "cost": cost}


def _collect(folder: Path, monkeypatch: pytest.MonkeyPatch, record: dict[str, Any]) -> Record:
    monkeypatch.chdir(folder)
    Path("fog.json").write_text(json.dumps(record))
    [line] = collect([Path("fog.json")], Path("records.jsonl"))
    return line.record


def test_a_record_of_version_1_has_unknown_memory_and_the_same_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = _collect(tmp_path, monkeypatch, old_record())
    assert record == TEMPLATE
    assert (record.cost.memory_mib, record.cost.energy_joules) == (None, None)
    assert record.identity() == TEMPLATE.identity()


def test_a_file_collected_by_version_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps({"path": "a/fog.json", "record": old_record(), "curves": None}) + "\n")
    [line] = read_collected(path)
    assert line.record == TEMPLATE


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (3, r"fog\.json: a record of schema 3; this version .* reads up to 2\. Type: git pull"),
        (0, r"fog\.json: 'schema_version' is 0, so this isn't a record that can be read; delete it"),
        ("2", r"fog\.json: 'schema_version' is '2', so this isn't"),
        (None, r"fog\.json: 'schema_version' is None, so this isn't"),
    ],
)
def test_other_schemas_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: Any, sentence: str
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        _collect(tmp_path, monkeypatch, old_record() | {"schema_version": version})


def test_what_is_no_record_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"path": "a", "record": [1], "curves": null}\n')
    with pytest.raises(BadInputError, match=r"line 1: 'schema_version' is None"):
        read_collected(path)
    path.write_text("[1]\n")
    with pytest.raises(BadInputError, match="line 1"):
        read_collected(path)
