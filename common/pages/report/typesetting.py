"""Typesetting: a report's data and its template to the bytes of a PDF, the same on every machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from common.pages.characters import change_words
from common.pages.report.fonts import printable, report_fonts
from common.pages.report.schema import Report
from common.strict import BadInputError

TEMPLATE = Path(__file__).parent.parent / "templates" / "report.typ"


def typeset(report: Report) -> bytes:
    """The report as a tagged PDF/UA file, dated by its last run; raises BadInputError where it can't be set.

    The template reads every word as a string out of JSON, so none is taken for markup.
    """
    import typst

    finished = datetime(*report.finished, tzinfo=UTC)
    try:
        return typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=report_fonts(),
            format="pdf",
            sys_inputs=_inputs(report),
            pdf_standards=["ua-1"],
            timestamp=int(finished.timestamp()),
        )
    except typst.TypstError as error:
        raise BadInputError(
            f"The report of {report.paper} can't be typeset: {error.message}. Correct what it names in "
            f"papers/{report.paper}/, or draw the figures again."
        ) from None


def _inputs(report: Report) -> dict[str, str]:
    """The report for the template. Pictures stay as they are: they are no text."""
    pictures = {f"picture_{place}": figure.picture or "" for place, figure in enumerate(report.figures)}
    words = report.model_copy(
        update={"figures": [figure.model_copy(update={"picture": None}) for figure in report.figures]}
    )
    shown = type(report).model_validate(change_words(words.model_dump(mode="json"), printable))
    return {"report": shown.model_dump_json(), **pictures}
