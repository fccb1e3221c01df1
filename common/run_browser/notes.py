"""What the run browser says about a track: its papers, how to read the list of runs, what to search for."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from common.records.schema import Record
from common.run_browser.wording import as_text, clean

NOTE = "mlflow.note.content"  # the tag that MLflow shows as a description
_LIMIT = 20_000  # characters of an experiment's tag
_READING = (
    "A row is a cell: one method under one condition, with the mean of each metric over its seeds, the ends "
    "of its 95 % interval (`.low` and `.high`, Student's t) and the number of seeds (param `n`). The sign in "
    "front of it opens the seeds, which have the learning curves, the cost, the data and the code that they "
    "ran. The row that is called after a paper holds its verdicts, and its tables and figures as artifacts."
)


def track_note(track: str, titles: Mapping[str, str], records: Sequence[Record]) -> str:
    """Markdown for MLflow; `titles` are those of the track's papers, the searches are for one of `records`.

    The list of experiments shows its first line as it stands, so that holds no markup.
    """
    example = next((record for record in records if record.condition), records[0])
    papers = [f"- **{paper}**: {title}" for paper, title in sorted(titles.items())]
    rows = [f"| {what} | <code>{_escaped(search)}</code> |" for what, search in searches(example).items()]
    return clean(
        "\n".join(
            [
                f"{track.replace('_', ' ').capitalize()}: every run of {', '.join(sorted(titles))}",
                "",
                *papers,
                "",
                _READING,
                "",
                "| to find | type into the search field |",
                "|---|---|",
                *rows,
            ]
        ),
        _LIMIT,
    )


def searches(example: Record) -> dict[str, str]:
    """What people look for, and MLflow's filter for it, written for one record."""
    return {
        "a paper": f"tags.paper = '{example.paper}'",
        "its cells, without seeds": f"tags.paper = '{example.paper}' and tags.kind = 'cell'",
        "its tables and figures": f"tags.paper = '{example.paper}' and tags.kind = 'paper'",
        "a method": f"tags.method = '{example.method}'",
        "a condition": f"tags.condition LIKE '{_condition_pattern(example)}'",
        "papers with a claim that fails": "metrics.`verdicts/fails` > 0",
        "one seed": f"tags.seed = '{example.seed}'",
        "a record by its identity": f"tags.identity = '{example.identity()}'",
        "what ran the same code": f"tags.code = '{example.code}'",
        "what ran at a commit": f"tags.commit = '{example.commit}'",
        "what ran with uncommitted changes": "tags.commit LIKE '%-dirty'",
        "full-scale runs made elsewhere": "tags.origin = 'recorded'",
    }


def _escaped(text: str) -> str:
    """Text inside HTML inside a table of Markdown."""
    return html.escape(text, quote=False).replace("|", "&#124;").replace("`", "&#96;")


def _condition_pattern(example: Record) -> str:
    """Quotation marks as `_`, which stands for any character, so that no condition can end the pattern."""
    named = [f"{name}={as_text(value)}" for name, value in example.condition.items()]
    return f"%{named[-1] if named else ''}%".replace("'", "_")
