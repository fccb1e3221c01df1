"""Names and values as MLflow takes them: readable, within its limits and its characters."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from common.records.schema import Record, Scalar, content_hash

# MLflow's limits: 250 characters for a name or a run's name, 6,000 for a param, 8,000 for a tag.
_NAME, _PARAM, TAG = 250, 6000, 8000
_FORBIDDEN = re.compile(r"[^/\w.\- ]")  # MLflow on Windows refuses colons too


def cell_name(record: Record) -> str:
    """Method and condition first, because a list of runs shows some twenty characters of a name."""
    parts = [record.method, condition_words(record.condition), record.step, record.paper, record.scale]
    return clean(" · ".join(part for part in parts if part), _NAME)


def record_name(record: Record) -> str:
    """The seed, then the name of the cell."""
    return clean(f"seed {record.seed} · {cell_name(record)}", _NAME)


def condition_words(condition: Mapping[str, Scalar]) -> str:
    """Texts as they are, numbers and truths with their names: 'fog severity 5'."""
    words = (
        value if isinstance(value, str) else f"{name} {json.dumps(value)}"
        for name, value in condition.items()
    )
    return " ".join(words)


def condition_tag(condition: Mapping[str, Scalar]) -> str:
    """A condition as text that can be searched for: 'corruption=fog severity=5'."""
    return " ".join(f"{name}={as_text(value)}" for name, value in sorted(condition.items()))


def flat_params(prefix: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Nested mappings as dotted names; what isn't a mapping is written as JSON, text as it is."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        dotted = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            flat |= flat_params(dotted, value)
        else:
            flat[metric_name(dotted)] = clean(as_text(value), _PARAM)
    return flat


def metric_name(name: str) -> str:
    """A param's or metric's name that MLflow takes; one that had to change ends with a hash of itself."""
    plain = _FORBIDDEN.sub("_", name)
    if posixpath.normpath(plain) != plain or plain.startswith((".", "/")):
        plain = plain.replace("/", "_").replace(".", "_")
    if plain and plain == name and len(name) <= _NAME:
        return name
    return f"{plain[: _NAME - 9]} {content_hash(name)[:8]}".strip()


def clean(text: str, limit: int = TAG) -> str:
    """Text that any database takes: no NUL, no half characters, cut at `limit` with a word saying so."""
    valid = text.replace("\0", "\N{SYMBOL FOR NULL}").encode(errors="replace").decode()
    if len(valid) <= limit:
        return valid
    ending = f" … (cut; {len(valid)} characters)"
    return valid[: limit - len(ending)] + ending


def as_text(value: Any) -> str:
    """Text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
