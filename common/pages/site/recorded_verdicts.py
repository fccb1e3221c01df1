"""What committed records, made elsewhere at another scale, say of a claim: shown beside what was run here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.claims.schema import Claim, Verdict
from common.claims.verdicts import judge
from common.pages.durations import duration
from common.pages.layout import Layout
from common.pages.recorded import Recorded, date_label, machine_label, read_recorded
from common.pages.site.claims import JudgedClaim, selections
from common.pages.site.rendering import short
from common.records.schema import Record

_SHOWN = 12  # characters of a data set's hash


@dataclass(frozen=True)
class RecordedVerdict:
    """A verdict of one committed file of records, and in words where, when and from what they were made."""

    verdict: Verdict
    origin: list[str]


@dataclass(frozen=True)
class ShownClaim(JudgedClaim):
    """A claim, the verdict of one scale, and those of the committed records."""

    recorded: tuple[RecordedVerdict, ...] = ()


def with_recorded(layout: Layout, judged: Sequence[JudgedClaim]) -> list[ShownClaim]:
    """Each claim with the verdicts that the paper's committed records reach; each file is judged by itself.

    Raises BadInputError for records that can't be read or averaged.
    """
    files = read_recorded(layout.root, layout.paper)
    return [
        ShownClaim(
            item.claim, item.verdict, tuple(found for file in files if (found := _judge(item.claim, file)))
        )
        for item in judged
    ]


def _judge(claim: Claim, recorded: Recorded) -> RecordedVerdict | None:
    """None where the file lacks what the claim is on."""
    records = [line.record for line in recorded.runs]
    verdict = judge(claim, records, recorded.scale)
    if verdict.word == "not run":
        return None
    wanted = selections(claim)
    used = [record for record in records if any(selection.matches(record) for selection in wanted)]
    return RecordedVerdict(verdict, _origin(used))


def _origin(records: Sequence[Record]) -> list[str]:
    """Machine, day, run time, commits and data of the records behind a verdict."""
    commits = sorted({record.commit for record in records})
    data = sorted({pair for record in records for pair in record.data.items()})
    return [
        f"recorded on {machine_label(records)}",
        date_label(records),
        f"{duration(sum(record.cost.seconds for record in records))} of run time",
        *(f"commit {short(commit)}" for commit in commits),
        *(f"data set {name} {content[:_SHOWN]}" for name, content in data),
    ]
