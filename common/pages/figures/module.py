"""Finding a paper's figure modules and checking what they define."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from common.records.collected import Line
from common.strict import BadInputError, suggest

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
Row = dict[str, str | int | float | bool | None]
Draw = Callable[[Sequence[Line], Any], list[Row] | None]


@dataclass(frozen=True)
class Figure:
    """What a figure module defines; `alternative` says in words what the picture shows.

    `draw(collected, figure)` draws on an empty matplotlib Figure and may return the rows drawn, which
    are then published as a table beside the picture.
    """

    id: str
    title: str
    caption: str
    reproduces: str
    alternative: str
    draw: Draw


def find_figures(root: Path, paper: str) -> list[str]:
    """The ids of a paper's figures: the modules of its folder, those with a '_' in front left out.

    Raises BadInputError for a name that can't be an id: it becomes part of commands and addresses.
    """
    folder = root / "papers" / paper / "figures"
    names = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            raise BadInputError(
                f"papers/{paper}/figures/ has a figure '{name}'; rename it to small letters, digits and _."
            )
    return names


def load_figure(root: Path, paper: str, name: str) -> Figure:
    """Import a figure module; raises BadInputError when it is unknown or lacks a definition."""
    known = find_figures(root, paper)
    if name not in known:
        raise BadInputError(f"papers/{paper}/figures/ has no figure '{name}'.{suggest(name, known)}")
    path = root / "papers" / paper / "figures" / f"{name}.py"
    module = _import(path)
    for constant in ("TITLE", "CAPTION", "REPRODUCES", "draw"):
        if not hasattr(module, constant):
            raise BadInputError(f"{path.relative_to(root)} defines no {constant}; every figure needs one.")
    return Figure(
        id=name,
        title=module.TITLE,
        caption=module.CAPTION,
        reproduces=module.REPRODUCES,
        alternative=getattr(module, "ALTERNATIVE", module.TITLE),
        draw=module.draw,
    )


def _import(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"figure_{path.stem}", path)
    if specification is None or specification.loader is None:
        raise BadInputError(f"{path} can't be imported as a Python module.")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
