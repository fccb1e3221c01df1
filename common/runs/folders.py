"""Data in a folder that the user names: too large, or not ours, to be prepared and pinned."""

from __future__ import annotations

from pathlib import Path

from common.records.schema import content_hash
from common.strict import BadInputError, suggest


def parse_folders(named: list[str], wanted: list[str]) -> dict[str, Path]:
    """Read `name=path` pairs; raises BadInputError for what is unknown, missing or not a folder."""
    folders = {}
    for pair in named:
        name, _, path = pair.partition("=")
        if name not in wanted:
            raise BadInputError(f"No folder called '{name}' is used here.{suggest(name, wanted)}")
        if not path or not Path(path).is_dir():
            raise BadInputError(f"The folder {name}={path} does not exist.")
        folders[name] = Path(path)
    for name in wanted:
        if name not in folders:
            raise BadInputError(
                f"This step reads a folder called '{name}' that you name. Add: --folder {name}=<path>"
            )
    return folders


def folder_hash(folder: Path) -> str:
    """Hash of the relative names and sizes of all files: cheap, and tells one copy from another."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return content_hash(sorted([str(path.relative_to(folder)), path.stat().st_size] for path in files))
