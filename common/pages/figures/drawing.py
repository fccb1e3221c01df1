"""Drawing a figure and saving it so that the same records give the same bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common.pages.figures.module import Figure, Row, load_figure
from common.pages.figures.style import figure_style
from common.pages.files import write_bytes
from common.pages.layout import Layout
from common.records.collected import Line, read_collected
from common.strict import StrictModel, read_json, validate

# whatever names a moment or a version would make two equal figures differ
_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


class FigureFacts(StrictModel):
    """The file beside a picture: its words, and the rows drawn where the module returns them."""

    id: str
    title: str
    caption: str
    reproduces: str
    alternative: str
    rows: list[Row] | None


def write_figure(layout: Layout, name: str) -> list[Path]:
    """Write results/<scale>/<paper>/figures/<name>.{svg,pdf,png,json} from the collected records.

    Raises BadInputError when the figure is unknown, or there are no records.
    """
    figure = load_figure(layout.root, layout.paper, name)
    collected = read_collected(layout.records)
    pictures, rows = _draw(figure, collected)
    facts = FigureFacts(
        id=figure.id,
        title=figure.title,
        caption=figure.caption,
        reproduces=figure.reproduces,
        alternative=figure.alternative,
        rows=rows,
    )
    contents: dict[str, bytes] = {**pictures, "json": _to_json(facts)}
    for kind, content in contents.items():
        write_bytes(layout.figure(name, kind), content)
    return [layout.figure(name, kind) for kind in contents]


def read_figure_facts(path: Path) -> FigureFacts | None:
    """Read the file beside a picture; None where the figure hasn't been drawn."""
    if not path.is_file():
        return None
    return validate(FigureFacts, read_json(path, "Delete it and run the paper again."), str(path))


def _draw(figure: Figure, collected: Sequence[Line]) -> tuple[dict[str, bytes], list[Row] | None]:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings: Any = matplotlib.rcParams
        settings.update(figure_style(figure.id))
        canvas = Canvas()
        FigureCanvasAgg(canvas)
        rows = figure.draw(collected, canvas)
        return {kind: _picture(canvas, kind) for kind in _METADATA}, rows


def _picture(canvas: Any, kind: str) -> bytes:
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=kind, metadata=_METADATA[kind])
    return buffer.getvalue()


def _to_json(facts: FigureFacts) -> bytes:
    text = json.dumps(facts.model_dump(), indent=1, ensure_ascii=False)
    return (text + "\n").encode()
