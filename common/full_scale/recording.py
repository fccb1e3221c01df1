"""Collecting finished records into files to be committed: papers/<paper>/recorded/<machine>.jsonl."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from common.atomic import write_text
from common.pages.recorded import machine_label
from common.records.collected import Line, join, read_collected
from common.runs.plan import JobSpec
from common.runs.receipt import check_untouched


def record_all(finished: Sequence[JobSpec], out: Path) -> list[Path]:
    """Write <out>/papers/<paper>/recorded/<machine>.jsonl of each paper's finished jobs; the files.

    What the repository has committed under that name, or an earlier call has left there, stays, but for the
    cells that were run anew. Paths are relative to the working directory.
    Raises BadInputError for a record that isn't as its job left it.
    """
    written = []
    for paper, specs in groupby(sorted(finished, key=lambda spec: spec.paper), lambda spec: spec.paper):
        lines = _lines(list(specs))
        folder = Path("papers", paper, "recorded")
        name = f"{_slug(machine_label(line.record for line in lines))}.jsonl"
        before = [line for place in (Path(), out) for line in _read(place / folder / name)]
        merged = {line.path: line for line in (*before, *lines)}
        written.append(out / folder / name)
        text = "".join(merged[path].model_dump_json() + "\n" for path in sorted(merged))
        write_text(written[-1], text)
    return written


def _lines(specs: Sequence[JobSpec]) -> list[Line]:
    for spec in specs:
        check_untouched(spec, Path())
    return [join(path) for spec in specs for path in spec.records]


def _read(path: Path) -> list[Line]:
    return read_collected(path) if path.is_file() else []


def _slug(label: str) -> str:
    """A machine's name as a file's: NVIDIA H200 as nvidia_h200."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
