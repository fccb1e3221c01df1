"""Records of an older schema, brought to the present one as they are read."""

from __future__ import annotations

from typing import Any

from common.strict import BadInputError

VERSION = 2


def migrate(record: Any, where: str) -> Any:
    """The JSON of a record as the present schema has it; `where` begins the sentence of a BadInputError.

    Version 2 added memory and energy to the cost; both are unknown for records of version 1.
    """
    version = record.get("schema_version") if isinstance(record, dict) else None
    if version == VERSION:
        return record
    if version == 1:
        return {**record, "schema_version": VERSION}
    if isinstance(version, int) and version > VERSION:
        raise BadInputError(
            f"{where}: a record of schema {version}; this version of the project reads up to {VERSION}. "
            f"Type: git pull"
        )
    raise BadInputError(
        f"{where}: 'schema_version' is {version!r}, so this isn't a record that can be read; "
        f"delete it and run the paper again."
    )
