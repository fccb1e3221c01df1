"""Which benchmarks there are: each `benchmarks.py` under common/, experiments/ and tests/.

Its name keeps it apart: no step imports it, so that no record hangs on how something is timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from common.benchmark.entries import Benchmark
from common.strict import BadInputError, suggest

FILE = "benchmarks.py"
FOLDERS = ("common", "experiments", "tests")


@dataclass(frozen=True)
class Found:
    """A benchmark and the folder, relative to the root, whose code it measures."""

    benchmark: Benchmark
    folder: Path


def find_benchmarks(root: Path) -> dict[str, Found]:
    """Name -> benchmark, by file and in each file's order.

    Raises BadInputError where a file has no list BENCHMARKS, or two benchmarks share a name.
    """
    found: dict[str, Found] = {}
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob(FILE)):
        folder = path.parent.relative_to(root)
        for benchmark in _listed(path, folder):
            if benchmark.name in found:
                raise BadInputError(
                    f"Two benchmarks are called '{benchmark.name}', in {found[benchmark.name].folder}/{FILE} "
                    f"and {folder}/{FILE}; rename one of them."
                )
            found[benchmark.name] = Found(benchmark, folder)
    return found


def choose(found: dict[str, Found], names: Sequence[str]) -> list[Found]:
    """Those named, each by its own name or all of a folder by the folder's; all where nothing is named.

    Raises BadInputError for a name that is neither.
    """
    chosen: dict[str, Found] = {} if names else found
    for name in names:
        same_folder = {key: one for key, one in found.items() if one.folder.name == name}
        members = {name: found[name]} if name in found else same_folder
        if not members:
            known = [*found, *(one.folder.name for one in found.values())]
            raise BadInputError(f"There is no benchmark '{name}'.{suggest(name, known)}")
        chosen = chosen | members
    return list(chosen.values())


def _listed(path: Path, folder: Path) -> Sequence[Benchmark]:
    listed = getattr(_loaded(path, ".".join((*folder.parts, path.stem))), "BENCHMARKS", None)
    if listed is None:
        raise BadInputError(f"{folder}/{FILE} has no list BENCHMARKS of pairs and measurements; add one.")
    benchmarks: Sequence[Benchmark] = listed
    return benchmarks


def _loaded(path: Path, name: str) -> Any:
    specification = spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
