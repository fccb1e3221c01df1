"""Writing a paper's report."""

from __future__ import annotations

from pathlib import Path

from common.pages.files import write_bytes
from common.pages.layout import Layout
from common.pages.report.content import gather_report
from common.pages.report.typesetting import typeset


def write_report(layout: Layout) -> Path:
    """Write results/<scale>/<paper>/report.pdf from the records, verdicts and figures that are there."""
    write_bytes(layout.report, typeset(gather_report(layout)))
    return layout.report
