"""A difference in words: a summary, what flipped and moved, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from common.claims.schema import Estimate
from common.ledger.cause_words import cause_lines, cause_summary
from common.ledger.difference import Difference
from common.ledger.flips import Flip
from common.ledger.moved import MovedCell, MovedMetric, size
from common.ledger.numbers_in_words import counted, in_seeds
from common.ledger.one_sided import OneSided

_MOST = 10  # lines of a list, unless all are asked for


def difference_text(difference: Difference, long: bool = False) -> str:
    """The whole difference as plain text, in one line where there is none; `long` shortens no list."""
    most = None if long else _MOST
    moved = sorted(difference.moved_metrics, key=size, reverse=True)
    sections = [
        [_summary(difference)],
        _section("Verdicts that flipped", (line for flip in difference.flips for line in _flip(flip)), None),
        _section("Table cells that moved, the farthest first", map(_cell, difference.moved_cells), most),
        _section("Metrics that moved, the farthest first", map(_metric, moved), most),
        _section("Records that only one has", map(_one_sided, difference.only), most),
        _section(_why(difference), cause_lines(difference, most), None),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _summary(difference: Difference) -> str:
    if not difference.differs:
        counts = [
            counted(difference.records, "record"),
            counted(difference.verdicts, "verdict"),
            counted(difference.cells, "table cell"),
        ]
        return f"{difference.before} and {difference.after} hold the same: {', '.join(counts)}."
    parts = [
        f"{len(difference.flips)} of {counted(difference.verdicts, 'verdict')} flipped",
        f"{difference.differing_records} of {counted(difference.records, 'record')} differ",
        f"{len(difference.moved_cells)} of {counted(difference.cells, 'table cell')} moved",
    ]
    for side, name in (("before", difference.before), ("after", difference.after)):
        records = sum(one.records for one in difference.only if one.side == side)
        parts += [f"{counted(records, 'record')} only in {name}"] if records else []
    return f"{'; '.join(parts)}; causes: {cause_summary(difference)}."


def _why(difference: Difference) -> str:
    return "Why" if difference.differs else "What the jobs hung on differs all the same"


def _flip(flip: Flip) -> Iterator[str]:
    yield f"{flip.paper}, {flip.claim}: {flip.before or 'no verdict'} → {flip.after or 'no verdict'}"
    for side, sentence, estimate in zip(("before", "after"), flip.sentences, flip.estimates, strict=True):
        if sentence:
            yield f"  {side}: {sentence}{_estimate(estimate)}"
    if flip.restated:
        yield "  the claim itself is stated otherwise"


def _estimate(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    interval = f"{estimate.confidence:.0%} interval {estimate.low:.6g} to {estimate.high:.6g}"
    return f" [{estimate.mean:.6g}, {interval}, n = {estimate.n}]"


def _cell(cell: MovedCell) -> str:
    section = "" if cell.section == "here" else f"{cell.section}--"
    return f"{cell.paper}, table {cell.table}, {section}{cell.row}--{cell.column}: {_values(cell)}"


def _metric(metric: MovedMetric) -> str:
    where = f"{metric.paper}, {metric.step}/{metric.method}, seed {metric.seed}, {metric.condition}"
    return f"{where}: {metric.metric} {_values(metric)}"


def _values(moved: MovedCell | MovedMetric) -> str:
    shown = ["none" if value is None else f"{value:.6g}" for value in (moved.before, moved.after)]
    if moved.before is None or moved.after is None:
        return " → ".join(shown)
    return f"{' → '.join(shown)} ({moved.after - moved.before:+.3g})"


def _one_sided(one: OneSided) -> str:
    what = f"{one.paper}, {one.step}/{one.method}, {in_seeds(one.seeds)}"
    return f"only {one.side}: {what}: {counted(one.records, 'record')}"


def _section(heading: str, lines: Iterable[str], most: int | None) -> list[str]:
    found: Sequence[str] = list(lines)
    left = len(found) - len(found[:most])
    more = [f"  … and {left} more; --long lists all"] if left else []
    return [heading, *(f"  {line}" for line in found[:most]), *more] if found else []
