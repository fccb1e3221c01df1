"""The lines at a terminal's foot that show what runs right now; everything else scrolls by above them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TextIO, cast

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from common.ledger.funnel import Funnel, open_terminal
from common.ledger.progress import Progress, Running
from common.pages.durations import duration

_PER_SECOND = 4
_OTHER_LINES = 3  # of a terminal's height: the total, the jobs that aren't shown, and where the cursor stands


class Foot:
    """One line for each running job, as many as there is room for, and the total below."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines for a terminal of this size."""
        running = self._progress.running()
        room = max(1, console.size.height - _OTHER_LINES)
        lines = Table.grid(padding=(0, 2, 0, 0))
        lines.add_column(no_wrap=True, overflow="ellipsis")
        for _ in range(2):
            lines.add_column(no_wrap=True, justify="right")
        for job in running[:room]:
            lines.add_row(Text(job.name), duration(job.elapsed), _left(job), style="cyan")
        yield lines
        if len(running) > room:
            yield Text(f"and {len(running) - room} more", style="cyan")
        yield Text(self._progress.total(), style="bold", no_wrap=True, overflow="ellipsis")


class Display:
    """The foot on a terminal, with all that is printed meanwhile above it.

    A terminal that is gone ends neither the display nor the run: nothing is shown any more.
    """

    def __init__(self, progress: Progress, terminal: TextIO) -> None:
        self._terminal = terminal
        self._console = Console(file=cast(TextIO, _Forgiving(terminal)), force_terminal=True)
        self._live = Live(
            Foot(progress),
            console=self._console,
            refresh_per_second=_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._funnel = Funnel(self.show)
        self._live.start(refresh=True)

    def show(self, lines: str) -> None:
        """Put lines above the foot, with the colours that they have."""
        self._console.print(Text.from_ansi(lines), soft_wrap=True)

    def close(self) -> None:
        """Take the foot away, and give the terminal back."""
        self._funnel.close()
        self._live.stop()
        with suppress(OSError):
            self._terminal.close()


def open_display(progress: Progress) -> Callable[[], None]:
    """Show progress on the terminal of standard error; return what ends that."""
    return Display(progress, open_terminal()).close


def _left(job: Running) -> str:
    return "" if job.left is None else f"about {duration(job.left)} left"


class _Forgiving:
    """A terminal of which writing never fails: when it is gone, there is nobody to read the error either."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def write(self, text: str) -> int:
        try:
            return self._terminal.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._terminal.flush()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._terminal.fileno()
