"""Writing single records, with their learning curves and pictures beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from common.atomic import write_text
from common.records.pictures import Pictures
from common.records.schema import Record, content_hash

Curves = dict[str, list[float]]


def curves_path(record: Path) -> Path:
    """Where the learning curves of the record at `record` lie."""
    return record.with_name(f"{record.stem}.curves.json")


def pictures_path(record: Path) -> Path:
    """Where the pictures of the record at `record` lie."""
    return record.with_name(f"{record.stem}.pictures.json")


def write_record(path: Path, record: Record, curves: Curves | None, pictures: Pictures | None = None) -> None:
    """Write curves and pictures, then the record that names their hashes: a record on disk is complete."""
    texts = None if pictures is None else {name: picture.model_dump() for name, picture in pictures.items()}
    hashes = {
        "curves": _write_beside(curves_path(path), curves),
        "pictures": _write_beside(pictures_path(path), texts),
    }
    write_text(path, record.model_copy(update=hashes).model_dump_json(indent=1) + "\n")


def _write_beside(path: Path, content: Any) -> str | None:
    """Write what belongs to a record and return its hash; where there is none, remove an earlier run's."""
    if content is None:
        path.unlink(missing_ok=True)
        return None
    write_text(path, json.dumps(content))
    return content_hash(content)
