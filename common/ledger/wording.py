"""The sentences and lines in which a forecast and a run's progress are told."""

from __future__ import annotations

import math
from collections.abc import Sequence

from common.ledger.forecast import INTERVAL, Forecast, Span
from common.ledger.kinds import counted_by_kind
from common.ledger.numbers_in_words import counted
from common.ledger.observing import PlannedJob
from common.pages.durations import duration

_NAMED = 3  # unknown jobs that are named, before the rest is counted
_KIBI = 1024


def announcement(jobs: Sequence[PlannedJob], forecast: Forecast, span: Span) -> str:
    """All that is said before the first job: what will run, and what it is going to take."""
    lines = [f"To run: {counted_by_kind(jobs)}."]
    if len(span.unknown) == len(jobs):
        return "\n".join(
            [*lines, "Forecast: none. Nothing like it has run here yet; the next time it is known."]
        )
    lines.append(f"Forecast: {_expected(span)}{_resources(forecast, span)}.")
    if span.unknown:
        lines.append(f"  Nothing is known of {_named(span.unknown)}, so it takes longer than that.")
    elsewhere = forecast.from_elsewhere()
    if elsewhere:
        lines.append(f"  Of {counted(elsewhere, 'job')} only another machine's past is known.")
    return "\n".join(lines)


def remaining(span: Span) -> str:
    """The time that is left, with its interval; a bare bound where jobs are unknown."""
    if span.unknown:
        return f"at least {duration(span.seconds)} left"
    return f"about {duration(span.seconds)} left ({_interval(span)})"


def started_line(name: str, seconds: float | None) -> str:
    """A job was begun that takes so long, as far as one knows."""
    return f"start  {name}" + (f"  (about {duration(seconds)})" if seconds is not None else "")


def ended_line(word: str, name: str, seconds: float | None) -> str:
    """A job is done or has failed; `seconds` is None where its start wasn't seen."""
    return f"{word:<6} {name}" + (f"  {duration(seconds)}" if seconds is not None else "")


def total(done: int, planned: int, elapsed: float, span: Span | None) -> str:
    """How far all jobs together are."""
    share = f"{done} of {planned} ({100 * done // planned} %), {duration(elapsed)} so far"
    return f"{share}, {remaining(span)}" if span is not None and done < planned else share


def conclusion(elapsed: float, before: Span, jobs: int) -> str:
    """What a run took in the end, beside what was forecast."""
    took = f"All {counted(jobs, 'job')} done in {duration(elapsed)}"
    return f"{took}." if len(before.unknown) == jobs else f"{took}; forecast: {_expected(before)}."


def size(count: float) -> str:
    """Bytes in words: '912 bytes', '3.4 KiB', '12 MiB'."""
    if count < _KIBI:
        return f"{count:.0f} bytes"
    power = min(3, int(math.log(count, _KIBI)))
    scaled, unit = count / _KIBI**power, ("KiB", "MiB", "GiB")[power - 1]
    return f"{scaled:.1f} {unit}" if scaled < 10 else f"{scaled:.0f} {unit}"


def _expected(span: Span) -> str:
    bound = "at least " if span.unknown else ""
    return f"{bound}{duration(span.seconds)} ({_interval(span)})"


def _interval(span: Span) -> str:
    return f"{INTERVAL} %: {duration(span.low)} to {duration(span.high)}"


def _resources(forecast: Forecast, span: Span) -> str:
    """Memory and disk, as far as they are known."""
    said = f", memory of runs up to {size(span.memory_mib * _KIBI**2)}" if span.memory_mib else ""
    count, unknown = forecast.bytes()
    bound = "at least " if unknown else ""
    return said + (f", files of {bound}{size(count)}" if count else "")


def _named(names: Sequence[str]) -> str:
    """'1 job (x)', '5 jobs (x; y; z; …)'."""
    shown = "; ".join(names[:_NAMED]) + ("; …" if len(names) > _NAMED else "")
    return f"{counted(len(names), 'job')} ({shown})"
