"""The records of a paper at one scale in one file, one JSON object a line, with their curves and pictures."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from common.atomic import write_text
from common.records.migration import migrate
from common.records.pictures import Pictures
from common.records.schema import Record, content_hash
from common.records.store import Curves, curves_path, pictures_path
from common.strict import BadInputError, StrictModel, suggest, validate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Line(StrictModel):
    """One record, the path of its file from the repository root, its learning curves, its pictures."""

    # A diverged run has NaN in its curves; it must come back as NaN, not as null.
    model_config = ConfigDict(ser_json_inf_nan="constants")

    path: str
    record: Record
    curves: Curves | None
    pictures: Pictures | None = None

    def picture(self, name: str) -> NDArray[np.uint8]:
        """The images of that name, uint8, `[n, h, w]` or `[n, h, w, 3]`; raises BadInputError if none."""
        pictures = self.pictures or {}
        if name not in pictures:
            raise BadInputError(f"{self.path} has no picture '{name}'.{suggest(name, pictures)}")
        return pictures[name].images()


def collect(record_paths: Iterable[Path], output: Path) -> list[Line]:
    """Check each record, its curves and pictures, and write them all to `output`, by path, in one step.

    Raises BadInputError for a record that can't be read, curves or pictures that are missing or not those
    that the record names, and two records of the same cell and seed; `output` is then left as it was.
    """
    lines = [join(path) for path in sorted(record_paths)]
    _check_distinct(lines)
    write_text(output, "".join(line.model_dump_json() + "\n" for line in lines))
    return lines


def read_collected(path: Path) -> list[Line]:
    """The lines of `path`; raises BadInputError with the number of the line that can't be used."""
    text = _read(path, f"Run the paper first: snakemake --cores 2 {path}")
    # Not splitlines(), which also splits at characters that JSON allows inside a string.
    rows = text.split("\n")
    if not rows[-1]:
        rows.pop()
    wheres = [f"{path}, line {number}" for number in range(1, len(rows) + 1)]
    lines = [_line(_parse(row, where), where) for row, where in zip(rows, wheres, strict=True)]
    _check_distinct(lines)
    return lines


def _line(row: Any, where: str) -> Line:
    """A line as it was collected."""
    if isinstance(row, dict) and "record" in row:
        row = {**row, "record": migrate(row["record"], where)}
    return validate(Line, row, where)


def join(path: Path) -> Line:
    """The line of one record file; raises BadInputError as `collect` does."""
    record = validate(Record, migrate(_parse(_read(path), str(path)), str(path)), str(path))
    joined = {
        "path": path.as_posix(),
        "record": record,
        "curves": _beside(path, curves_path(path), record.curves, "curves"),
        "pictures": _beside(path, pictures_path(path), record.pictures, "pictures"),
    }
    return validate(Line, joined, str(path))


def _beside(path: Path, beside: Path, expected: str | None, what: str) -> Any:
    """What lies beside the record at `path`, which names its hash, or None if it names none."""
    if expected is None:
        return None
    content = _parse(_read(beside), str(beside))
    if content_hash(content) != expected:
        raise BadInputError(
            f"{beside} holds other {what} than those that {path.name} names; delete both and run again."
        )
    return content


def _read(path: Path, way_out: str = "Run the paper again to make it.") -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist. {way_out}") from None
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path} is no text ({error}). Delete it and run the paper again.") from None


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInputError(
            f"{where}: not valid JSON ({error}). Delete it and run the paper again."
        ) from None


def _check_distinct(lines: Iterable[Line]) -> None:
    """A cell counted twice at one seed would weigh double in every mean."""
    seen: dict[Hashable, str] = {}
    for line in lines:
        record = line.record
        condition = tuple(sorted((name, str(value)) for name, value in record.condition.items()))
        cell = (record.scale, record.paper, record.step, record.method, record.seed, condition)
        if cell in seen:
            raise BadInputError(
                f"{seen[cell]} and {line.path} hold the same cell at the same seed; keep one of them."
            )
        seen[cell] = line.path
