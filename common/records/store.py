"""Reading and writing single records, with their learning curves beside them."""

from __future__ import annotations

import json
from pathlib import Path

from common.atomic import write_text
from common.records.schema import Record, content_hash

Curves = dict[str, list[float]]


def curves_path(record: Path) -> Path:
    """Where the learning curves of the record at `record` lie."""
    return record.with_name(f"{record.stem}.curves.json")


def write_record(path: Path, record: Record, curves: Curves | None) -> None:
    """Write the curves, then the record that names their hash: a record on disk is complete."""
    if curves is not None:
        write_text(curves_path(path), json.dumps(curves))
        record = record.model_copy(update={"curves": content_hash(curves)})
    else:
        curves_path(path).unlink(missing_ok=True)
    write_text(path, record.model_dump_json(indent=1) + "\n")
