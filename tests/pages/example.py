"""A made-up paper with made-up records, small enough to work out every number by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from common.claims.schema import Estimate, Part, Verdict, Verdicts
from common.records.schema import Cost, MachineFacts, Record
from tests.pages import listed

PAPER = "example"
DATA_HASH = "sha256:" + "ab" * 32
# error in percent: method -> corruption -> one value per seed
ERRORS = {
    "source": {"fog": [30.0, 32.0, 34.0], "noise": [50.0, 50.0, 50.0]},
    "bn_adapt": {"fog": [20.0, 21.0, 22.0], "noise": [40.0, 41.0, 42.0]},
    "ent": {"fog": [20.96, 21.0, 21.04], "noise": [38.0, 39.0, 40.0]},
}
PROTOCOL = {"data_set": "cifar10_c", "network": "resnet_14", "severities": "1 to 5"}

TABLES: dict[str, Any] = {
    "id": "corruptions",
    "title": "Error by corruption & method",
    "caption": "Test error after adaptation, 100_% honest <b>.",
    "reproduces": "Table 19 of the paper",
    "step": "adaptation",
    "metric": "error_percent",
    "unit": "%",
    "decimals": 1,
    "better": "lower",
    "published": "table_19",
    "rows": [
        {"id": "source", "label": "Source", "method": "source"},
        {"id": "bn_adapt", "label": "BN adapt", "method": "bn_adapt"},
        {"id": "ent", "label": "ENT", "method": "ent"},
    ],
    "columns": [
        {"id": "fog", "label": "fog", "where": {"corruption": "fog"}},
        {"id": "noise", "label": "noise", "where": {"corruption": "noise"}},
        {"id": "blur", "label": "blur", "where": {"corruption": "blur"}},
        {"id": "mean", "label": "avg"},
    ],
}
PUBLISHED: dict[str, Any] = {
    "id": "table_19",
    "source": "Table 19",
    "n": 3,
    "plus_minus_means": "standard deviation over seeds",
    "protocol": {"data_set": "cifar10_c", "network": "wrn_28_10"},
    "columns": {"fog": "fog", "noise": "gauss", "mean": "avg"},
    "rows": [
        {"id": "source", "label": "Source", "values": [11.2, 53.0, 26.5]},
        {"id": "ent", "label": "ENT", "values": [8.3, 18.5, 13.3], "plus_minus": [None, 0.2, 0.1]},
    ],
}
CITATION: dict[str, Any] = {
    "id": PAPER,
    "title": "An example paper <with markup> & more",
    "authors": ["Ada Example", "Bo Sample"],
    "year": 2022,
    "venue": "Journal of Examples",
    "arxiv": "2104.00000",
    "code": "https://example.org/code",
    "track": "test_time_adaptation",
    "summary": "Adapting at test time lowers the error.",
    "deviations": [{"what": "A smaller network.", "why": "It fits two cores.", "scales": ["quick"]}],
}
CLAIM_EFFECT: dict[str, Any] = {
    "kind": "effect",
    "id": "ent_beats_source",
    "statement": "ENT has a lower error than no adaptation.",
    "where": "Table 19",
    "unit": "points",
    "every": [
        {
            "minuend": {"step": "adaptation", "method": "ent", "metric": "error_percent"},
            "subtrahend": {"step": "adaptation", "method": "source", "metric": "error_percent"},
            "expected": "negative",
            "at_least": 1.0,
        }
    ],
}
CLAIM_VALUE: dict[str, Any] = {
    "kind": "value",
    "id": "ent_error",
    "statement": "ENT reaches 13.3 % on average.",
    "where": "Table 19",
    "unit": "%",
    "quantity": {"step": "adaptation", "method": "ent", "metric": "error_percent"},
    "published": {"value": 13.3, "source": "Table 19", "protocol": {"network": "wrn_28_10"}},
    "margin": 0.5,
    "margin_reason": "Two standard deviations.",
}
CLAIM_NOT_RUN: dict[str, Any] = {
    **CLAIM_VALUE,
    "id": "never_judged",
    "statement": "A claim without a verdict.",
}
FIGURE = '''"""Bars of the mean error."""

TITLE = "Error by method"
CAPTION = "Mean over all corruptions."
REPRODUCES = "Figure 1 of the paper"


def draw(collected, figure):
    """One bar per method."""
    methods = sorted({item.record.method for item in collected})
    errors = [[i.record.metrics["error_percent"] for i in collected if i.record.method == m] for m in methods]
    means = [sum(values) / len(values) for values in errors]
    axes = figure.subplots()
    axes.bar(methods, means)
    axes.set_ylabel("error, %")
    return [{"method": m, "error": e} for m, e in zip(methods, means, strict=True)]
'''


def make_record(**changes: Any) -> Record:
    """A record of ENT on fog at seed 0, with `changes`."""
    facts: dict[str, Any] = {
        "track": "test_time_adaptation",
        "paper": PAPER,
        "step": "adaptation",
        "method": "ent",
        "condition": {"corruption": "fog", "severity": 5},
        "scale": "quick",
        "seed": 0,
        "protocol_type": "AdaptationProtocol",
        "protocol": PROTOCOL,
        "settings": {"learning_rate": 0.001},
        "metrics": {"error_percent": 21.0},
        "data": {"cifar10": DATA_HASH},
        "inputs": {},
        "code": "c0de" * 16,
        "cost": Cost(seconds=12.0, processor_seconds=20.0, threads=2),
        "machine": MachineFacts(
            processor="Example 9000",
            cores=2,
            memory_gib=8.0,
            accelerator=None,
            system="Linux",
            python="3.11.0",
            packages={},
        ),
        "commit": "0123456789abcdef",
        "finished": "2025-11-22T11:50:00Z",
    }
    return Record(**{**facts, **changes})


def example_records(**changes: Any) -> list[Record]:
    """All records that `ERRORS` stands for."""
    return [
        make_record(
            method=method,
            seed=seed,
            condition={"corruption": corruption, "severity": 5},
            metrics={"error_percent": value},
            **changes,
        )
        for method, corruptions in ERRORS.items()
        for corruption, values in corruptions.items()
        for seed, value in enumerate(values)
    ]


def write_records(path: Path, records: list[Record]) -> None:
    """Write records as the collector does."""
    lines = []
    for record in records:
        slug = "_".join(str(value) for value in record.condition.values())
        folder = f"results/{record.scale}/{record.paper}/records/{record.step}/{record.method}"
        item = {
            "path": f"{folder}/seed{record.seed}/{slug}.json",
            "record": record.model_dump(),
            "curves": None,
        }
        lines.append(json.dumps(item))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def write_definitions(root: Path, **files: Any) -> None:
    """Write the paper's folder; `files` replaces what tables, published, claims or paper hold."""
    folder = root / "papers" / PAPER
    contents = {
        "paper": CITATION,
        "tables": {"tables": [TABLES]},
        "published": {"tables": [PUBLISHED]},
        "claims": {"claims": [CLAIM_EFFECT, CLAIM_VALUE, CLAIM_NOT_RUN]},
        **files,
    }
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    (folder / "figures" / "bars.py").write_text(FIGURE)


def write_verdicts(root: Path) -> None:
    """One claim that holds, one that isn't comparable; the third has no verdict."""
    effect = Estimate(mean=-11.5, low=-13.0, high=-10.0, confidence=0.95, n=3)
    value = Estimate(mean=30.0, low=29.0, high=31.0, confidence=0.95, n=3)
    holds = Verdict(
        claim="ent_beats_source",
        kind="effect",
        statement=CLAIM_EFFECT["statement"],
        where="Table 19",
        unit="points",
        scale="quick",
        word="holds",
        sentence="ENT is 11.5 points below Source, 95 % interval -13 to -10, over 3 seeds.",
        parts=[Part(label="ENT - Source", word="holds", estimate=effect, sentence="It is.")],
    )
    not_comparable = Verdict(
        claim="ent_error",
        kind="value",
        statement=CLAIM_VALUE["statement"],
        where="Table 19",
        unit="%",
        scale="quick",
        word="not comparable",
        sentence="30.0 % here, at quick scale.",
        estimate=value,
        published=CLAIM_VALUE["published"],
        margin=0.5,
        differing_facts={"network": ("wrn_28_10", "resnet_14")},
    )
    verdicts = Verdicts(paper=PAPER, scale="quick", verdicts=[holds, not_comparable])
    path = root / "results" / "quick" / PAPER / "verdicts.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(verdicts.model_dump_json())


def write_example(root: Path) -> None:
    """The whole example: definitions, quick records, recorded full ones, verdicts, manifest, a bare paper."""
    write_definitions(root)
    listed.write_list(root)
    write_records(root / "results" / "quick" / PAPER / "records.jsonl", example_records())
    machine = make_record().machine.model_copy(update={"accelerator": "Example GPU"})
    full = example_records(scale="full", machine=machine, protocol={**PROTOCOL, "network": "wrn_28_10"})
    recorded = [record for record in full if record.method != "bn_adapt"]
    write_records(root / "papers" / PAPER / "recorded" / "gpu.jsonl", recorded)
    write_verdicts(root)
    manifest = root / "data" / "manifests" / "cifar10.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"dataset": "cifar10", "content_hash": DATA_HASH}))
    bare = root / "papers" / "bare" / "paper.yaml"
    bare.parent.mkdir(parents=True, exist_ok=True)
    bare.write_text(yaml.safe_dump({**CITATION, "id": "bare", "title": "A paper not run", "deviations": []}))
