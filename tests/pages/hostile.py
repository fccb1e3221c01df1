"""A paper every word of which is an attack on some format, and the same paper in plain words.

Both have the same structure, so that whatever of an attack is taken for markup shows up as a difference.
"""

from __future__ import annotations

import copy
import json
from itertools import product
from pathlib import Path
from typing import Any

from common.claims.schema import Estimate, Part, Published, Verdict, Verdicts
from common.pages.characters import visible
from common.pages.figures.drawing import write_figure
from common.pages.layout import Layout
from common.pages.tables.writing import write_table
from common.records.schema import Record
from tests.pages import example, listed

PLAIN = "plain words"
ATTACKS = {
    "html": """<script>window.hacked=1</script>"><img src=x onerror="window.hacked=1"><!-- &amp; '</td>""",
    "closing tags": "</title></style></caption></table></main><svg onload=window.hacked=1>]]>",
    "latex": r"\input{/etc/passwd} $x$ % \end{table} ~^#_&{} \\[2cm] \write18{ls} ^^41 ``q'' --- ?`",
    "row of latex": r"[2cm] * \\ & \midrule",
    "markdown": "| [x](javascript:hacked) `code` **b** _i_ ~~s~~ ![i](x) &amp; # h <b>b</b> $m$ [^1] \\",
    "heading": "# heading",
    "list": "- item\n\n1. item\n\n> quoted\n\n---",
    "number": "12. not a list",
    "typst": '#import "x.typ": * #{1 + 1} #eval("1") $x$ *b* _i_ @label <label> // a /* ```raw``` \\u{41}',
    "jinja": "{{ 7*7 }} {% raw %} {# comment #} ${7*7} {{ config }} %}",
    "yaml": "&x !!python/object/apply:os.system [ls] *x {a: b} ? | >- '\" # no comment",
    "formula": "=cmd|' /C calc'!A0",
    "other formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "unseen": "a\u202eb\u2066c\u200bd\ufeffe\u00adf\u200dg\x00h\x07i\x1b[31mj\u2028k\u2029l\x7fm\x85n",
    "scripts": "éßłą \N{GREEK SMALL LETTER ALPHA}ℓ₁ 中文 \u0645\u06cc\u200c\u062e\u0648 \U0001f600",
}
FIGURE = """
TITLE, CAPTION, REPRODUCES, ALTERNATIVE = {words!r}

def draw(collected, figure):
    figure.subplots().plot([0, 1])
    return [{{{key!r}: {value!r}, "number": 1.0}}]
"""


class Words:
    """Hands out the attack, each time with another number behind it, and remembers all."""

    def __init__(self, attack: str) -> None:
        self._attack = attack
        self.given: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        """The words for a place, which is a name of letters alone."""
        self.given[place] = f"{self._attack} ({place})"
        return self.given[place]


def write_hostile(root: Path, attack: str) -> dict[str, str]:
    """Write the paper with its table and figure; all words by the place where they stand."""
    words = Words(attack)
    example.write_definitions(
        root,
        paper=_citation(words),
        tables={"tables": [_table(words)]},
        published={"tables": [_published(words)]},
        claims={"claims": _claims(words)},
    )
    listed.write_list(root, listed.line("hostile", **_catalogued(words)))
    folder = root / "papers" / example.PAPER / "figures"
    titles = tuple(words(f"figure {name}") for name in ("title", "caption", "source", "alternative"))
    figure = FIGURE.format(words=titles, key=words("figure column"), value=words("figure value"))
    (folder / "bars.py").write_text(figure)
    layout = Layout(root, "quick", example.PAPER)
    _write_records(layout.records, [_record(words, *pair) for pair in product(range(3), (1, 5))])
    layout.verdicts.write_text(_verdicts(words).model_dump_json())
    write_figure(layout, "bars")
    write_table(layout, "corruptions")
    return words.given


def _citation(words: Words) -> dict[str, Any]:
    return {
        **example.CITATION,
        "title": words("title"),
        "authors": [words("first author"), words("second author")],
        "venue": words("venue"),
        "summary": words("summary"),
        "deviations": [{"what": words("what deviates"), "why": words("why it deviates")}],
    }


def _catalogued(words: Words) -> dict[str, str]:
    """The values of a line of the catalogue, each on one line without a tab."""
    columns = ("title", "system", "family", "what", "claim", "datasets", "baselines")
    places = {column: f"catalogued {column}" for column in columns}
    for place in places.values():
        words.given[place] = " ".join(words(place).split())
    return {column: words.given[place] for column, place in places.items()}


def _table(words: Words) -> dict[str, Any]:
    table = copy.deepcopy(example.TABLES)
    keys = {"title": "table title", "caption": "table caption", "reproduces": "table source", "unit": "unit"}
    table |= {key: words(place) for key, place in keys.items()}
    rows = {"source": ("not run", ["full"]), "ent": ("run", ["quick"])}
    table["rows"] = [
        {"id": name, "label": words(f"row {state}"), "method": name, "group": words(f"group {state}")}
        | {"scales": scales}
        for name, (state, scales) in rows.items()
    ]
    table["columns"] = [
        {
            "id": name,
            "label": words(f"column {name}"),
            "unit": words(f"unit {name}"),
            "group": words(f"header {name}"),
        }
        for name in ("fog", "noise")
    ]
    return table


def _published(words: Words) -> dict[str, Any]:
    return {
        **example.PUBLISHED,
        "source": words("published source"),
        "quoted_from": words("quoted from"),
        "plus_minus_means": words("what plus minus means"),
        "protocol": {words("fact"): words("published fact")},
        "columns": {"fog": words("published column"), "noise": "gauss"},
        "rows": [
            {"id": "ent", "label": words("published row"), "values": [8.3, 18.5], "plus_minus": [0.1, 0.2]}
        ],
    }


def _claims(words: Words) -> list[dict[str, Any]]:
    effect = {**copy.deepcopy(example.CLAIM_EFFECT), "explanation": words("explanation")}
    value = copy.deepcopy(example.CLAIM_VALUE)
    for claim, kind in ((effect, "effect"), (value, "value")):
        claim |= {key: words(f"{key} of {kind}") for key in ("statement", "where", "unit")}
    value["margin_reason"] = words("margin")
    value["published"] = {**value["published"], "source": words("source of value")}
    return [effect, value]


def _verdicts(words: Words) -> Verdicts:
    estimate = Estimate(mean=-0.5, low=-2.0, high=1.0, confidence=0.95, n=3)
    parts = [
        Part(label=words("first part"), word="holds", estimate=estimate, sentence="It is."),
        Part(label=words("second part"), word="not run", estimate=None, sentence=words("sentence of part")),
    ]
    given = words.given
    effect = Verdict(
        claim="ent_beats_source",
        kind="effect",
        statement=given["statement of effect"],
        where=given["where of effect"],
        unit=given["unit of effect"],
        scale="quick",
        word="inconclusive",
        sentence=words("sentence of effect"),
        parts=parts,
    )
    value = Verdict(
        claim="ent_error",
        kind="value",
        statement=given["statement of value"],
        where=given["where of value"],
        unit=given["unit of value"],
        scale="quick",
        word="not comparable",
        sentence=words("sentence of value"),
        estimate=estimate,
        published=Published(**{**example.CLAIM_VALUE["published"], "source": given["source of value"]}),
        margin=0.5,
    )
    return Verdicts(paper=example.PAPER, scale="quick", verdicts=[effect, value])


def _record(words: Words, seed: int, severity: int) -> Record:
    machine = example.make_record().machine.model_copy(update={"processor": words("processor")})
    return example.make_record(
        seed=seed,
        condition={"corruption": words("condition"), "severity": severity},
        settings={words("setting"): words("value of setting")},
        protocol={words("fact"): words("fact here")},
        metrics={"error_percent": 20.0 + seed},
        machine=machine,
        commit=words("commit"),
        code=words("code"),
    )


def _write_records(path: Path, records: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = f"results/quick/{example.PAPER}/records/adaptation/ent"
    lines = [
        {"path": f"{folder}/seed{record.seed}/{place}.json", "record": record.model_dump(), "curves": None}
        for place, record in enumerate(records)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def normalised(text: str) -> str:
    """Words as every format shows them: the unseen by number, one space for any, or for an underscore."""
    return " ".join(visible(text).replace("_", " ").split())
