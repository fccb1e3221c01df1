"""Reading the collected records: each with the path of its file and its learning curves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from common.records.schema import Record
from common.strict import BadInputError, validate


@dataclass(frozen=True)
class Collected:
    """One line of a records.jsonl."""

    path: str
    record: Record
    curves: dict[str, list[float]] | None


def read_collected(path: Path) -> list[Collected]:
    """All lines of a records.jsonl; raises BadInputError naming the line that can't be read."""
    if not path.is_file():
        raise BadInputError(f"{path} does not exist; run the paper first.")
    lines = path.read_text().splitlines()
    return [_parse(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _parse(line: str, where: str) -> Collected:
    try:
        item = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadInputError(f"{where} is not valid JSON: {error}.") from None
    return Collected(item["path"], validate(Record, item["record"], where), item["curves"])
