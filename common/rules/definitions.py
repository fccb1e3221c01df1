"""What a paper's folder defines, and the hashes that tell whether a definition was changed."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from common.records.schema import content_hash
from common.strict import read_yaml


class Definitions:
    """The YAML files and figure modules of papers/, each read once."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def tables(self, paper: str) -> list[str]:
        """Ids of the tables that the paper defines."""
        return list(self._tables(paper, "tables.yaml"))

    def figures(self, paper: str) -> list[str]:
        """Ids of the figures that the paper defines."""
        return sorted(path.stem for path in (self._root / "papers" / paper / "figures").glob("[a-z]*.py"))

    def has_claims(self, paper: str) -> bool:
        """Whether the paper states any claim."""
        return bool(self._yaml(paper, "claims.yaml"))

    def recorded(self, paper: str) -> list[str]:
        """Committed full-scale records of a paper."""
        found = sorted(self._root.glob(f"papers/{paper}/recorded/*.jsonl"))
        return [str(path.relative_to(self._root)) for path in found]

    def table_hash(self, paper: str, table: str) -> str:
        """Hash of a table's definition and of the published table that it stands beside."""
        definition = self._tables(paper, "tables.yaml").get(table, {})
        published = self._tables(paper, "published.yaml").get(definition.get("published"))
        return content_hash([definition, published])

    def table_steps(self, paper: str, table: str, scale: str) -> set[str]:
        """The steps whose records the cells of a table show at `scale`."""
        definition = self._tables(paper, "tables.yaml").get(table, {"rows": []})
        return {
            column.get("step") or row.get("step") or definition["step"]
            for row in definition["rows"]
            if scale in row.get("scales", [scale])
            for column in definition["columns"]
        }

    def file_hash(self, paper: str, name: str) -> str:
        """Hash of what a paper's YAML file says; its comments and layout don't count."""
        return content_hash(self._yaml(paper, name))

    def _tables(self, paper: str, name: str) -> dict[str, Any]:
        return {entry["id"]: entry for entry in (self._yaml(paper, name) or {}).get("tables", [])}

    @functools.cache  # noqa: B019  (there is one of them in a process)
    def _yaml(self, paper: str, name: str) -> Any:
        path = self._root / "papers" / paper / name
        return read_yaml(path) if path.is_file() else None
