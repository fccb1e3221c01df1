"""Lines that go where Snakemake's own go, in place of most of what it says of itself."""

from __future__ import annotations

import atexit
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from common.ledger.progress import Progress

# One above INFO: Snakemake prints it like that, but colours only the levels that it knows.
_PLAIN = logging.INFO + 1

_CHATTER_EVENTS = {"job_info", "job_started", "job_finished", "progress", "run_info", "resources_info"}
_CHATTER = ("Building DAG of jobs", "Select jobs to execute", "Using shell:", "Elapsed time:")


class SnakemakeTeller:
    """Writes through Snakemake's log: to where that goes, and not where `--quiet` forbids it.

    `workflow` is Snakemake's.
    """

    def __init__(self, workflow: Any) -> None:
        self._workflow = workflow

    def say(self, line: str) -> None:
        """Write a line, unless the user wants to hear nothing of progress."""
        from snakemake.logging import logger
        from snakemake.settings.enums import Quietness

        logger.log(_PLAIN, line, extra={"quietness": Quietness.PROGRESS})

    def warn(self, line: str) -> None:
        """Write a line as an error."""
        from snakemake.logging import logger

        logger.error(line)

    def open_display(self, progress: Progress) -> Callable[[], None] | None:
        """Show what runs, where standard error is a terminal and the user wants to hear of progress."""
        from snakemake.settings.enums import Quietness

        quiet = set(self._workflow.output_settings.quiet or ())
        if not sys.stderr.isatty() or quiet & {Quietness.ALL, Quietness.PROGRESS}:
            return None
        from common.ledger.display import open_display

        # Snakemake's hooks tell of the end, but not where an error of its own ends it.
        atexit.register(progress.close)
        return open_display(progress)


def limits(workflow: Any) -> dict[str, int]:
    """How much of each resource Snakemake hands out at a time; what isn't named is unlimited."""
    found = {name: resource.value for name, resource in workflow.global_resources.items()}
    if found.get("_nodes") is not None:
        found.pop("_cores", None)  # those of this machine, while jobs run on others
    return {name: value for name, value in found.items() if isinstance(value, int)}


def hush(workflow: Any) -> None:
    """Keep from the terminal what our own lines say better; the log file has it all.

    A dry run says what it says, and so does a run whose reasons the user asks for (`--quiet host`), and
    `--touch`, of which we say nothing.
    """
    from snakemake.logging import logger
    from snakemake.settings.enums import Quietness

    def is_said(record: logging.LogRecord) -> bool:
        ours = not (workflow.dryrun or workflow.touch)
        replaced = ours and Quietness.REASON in (workflow.output_settings.quiet or ())
        return not (replaced and _is_chatter(record))

    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(is_said)


def _is_chatter(record: logging.LogRecord) -> bool:
    event = str(getattr(record, "event", ""))
    return event in _CHATTER_EVENTS or str(record.msg).startswith(_CHATTER)
