"""Snakemake's own log file where it can't be written: told once, not by a traceback for each of its lines."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from common.refusals import in_words


def tell_once_of_a_full_disk() -> None:
    """Let whoever writes Snakemake's log into a file go on without, having told once that it can't."""
    from snakemake.logging import logger

    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handleError = _once(handler)  # type: ignore[method-assign, assignment]


def _once(handler: logging.FileHandler) -> Callable[[logging.LogRecord], None]:
    told: set[str] = set()
    handle = handler.handleError

    def handle_error(record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, OSError) and error.filename is None:
            error.filename = handler.baseFilename
        sentence = in_words(error) if isinstance(error, OSError) else None
        if sentence is None:
            handle(record)
        elif sentence not in told:
            told.add(sentence)
            print(f"Snakemake's log won't be whole: {sentence}", file=sys.stderr)

    return handle_error
