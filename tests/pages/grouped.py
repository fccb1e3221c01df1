"""A made-up table of unlearning methods: grouped rows and columns, a reference row and a control.

Each number stands for three seeds at itself - 0.1, itself and itself + 0.1, whose mean is the number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common.pages.layout import Layout
from common.records.schema import Record
from tests.pages import example

METRICS = ["ua", "mia", "lira", "ra", "ta", "average_gap", "run_time"]
LABELS = ["UA", "MIA", "LiRA", "RA", "TA", "Avg. Gap", "run-time"]
# method -> forget set -> one mean for each metric
MEANS = {
    "retrain": {
        "random": [5.3, 12.9, 50.0, 100.0, 94.4, 0.0, 40.0],
        "worst": [0.0, 0.0, 50.0, 100.0, 94.7, 0.0, 40.0],
    },
    "original": {
        "random": [0.0, 0.1, 90.0, 100.0, 94.5, 4.5, 0.0],
        "worst": [0.0, 0.0, 50.0, 100.0, 94.5, 0.1, 0.0],
    },
    "ft": {
        "random": [4.3, 11.9, 60.0, 99.0, 94.0, 2.0, 2.0],
        "worst": [0.2, 1.0, 55.0, 99.0, 94.0, 1.4, 2.0],
    },
    "l1_sparse": {
        "random": [5.0, 10.0, 56.0, 98.0, 93.0, 2.2, 2.1],
        "worst": [0.5, 1.0, 54.0, 98.0, 93.0, 1.5, 2.1],
    },
    "rl": {
        "random": [6.3, 20.0, 40.0, 99.5, 94.1, 1.9, 3.0],
        "worst": [20.0, 90.0, 10.0, 99.5, 94.1, 24.9, 3.0],
    },
}
ROWS: list[dict[str, Any]] = [
    {"id": "retrain", "label": "Retrain", "method": "retrain", "group": "controls"},
    {"id": "original", "label": "No unlearning", "method": "original", "group": "controls"},
    {"id": "ft", "label": "Fine-tuning", "method": "ft", "group": "relabelling-free"},
    {"id": "l1_sparse", "label": "ℓ₁-sparse", "method": "l1_sparse", "group": "relabelling-free"},
    {"id": "rl", "label": "Random labels", "method": "rl", "group": "relabelling-based"},
]
GROUPS = {"random": "random forget set", "worst": "worst-case forget set"}


def column(forget_set: str, metric: str) -> dict[str, Any]:
    """One of the fourteen columns."""
    found: dict[str, Any] = {
        "id": f"{forget_set}_{metric}",
        "label": dict(zip(METRICS, LABELS, strict=True))[metric],
        "metric": metric,
        "where": {"forget_set": forget_set},
        "group": GROUPS[forget_set],
    }
    if metric == "average_gap":
        found |= {"better": "lower", "published": f"{forget_set}_gap"}
    if metric == "run_time":
        found |= {"better": "lower", "unit": "s", "decimals": 0}
    return found


TABLE: dict[str, Any] = {
    "id": "methods",
    "title": "Unlearning a random and a worst-case forget set",
    "caption": "Every method on two forget sets.",
    "reproduces": "Table 1 of the paper",
    "step": "unlearning",
    "metric": "ua",
    "unit": "%",
    "decimals": 1,
    "better": "closest",
    "reference": "retrain",
    "unmarked": ["original"],
    "published": "gaps",
    "rows": ROWS,
    "columns": [column(forget_set, metric) for forget_set in GROUPS for metric in METRICS],
}
PUBLISHED: dict[str, Any] = {
    "id": "gaps",
    "source": "Table 1",
    "protocol": {"data_set": "cifar10", "network": "resnet_18"},
    "columns": {"random_gap": "Avg. Gap, random", "worst_gap": "Avg. Gap, worst-case"},
    "rows": [
        {"id": "ft", "label": "FT", "values": [2.0, 1.37]},
        {"id": "rl", "label": "RL", "values": [4.38, None]},
    ],
}


def records() -> list[Record]:
    """The records that `MEANS` stands for."""
    return [
        example.make_record(
            step="unlearning",
            method=method,
            seed=seed,
            condition={"forget_set": forget_set},
            metrics={metric: mean + (seed - 1) * 0.1 for metric, mean in zip(METRICS, means, strict=True)},
        )
        for method, forget_sets in MEANS.items()
        for forget_set, means in forget_sets.items()
        for seed in range(3)
    ]


def write_grouped(root: Path, **table: Any) -> Layout:
    """The example's paper with this table, changed by `table`, in place of its own."""
    tables = {"tables": [{**TABLE, **table}]}
    example.write_definitions(root, tables=tables, published={"tables": [PUBLISHED]})
    layout = Layout(root, "quick", example.PAPER)
    example.write_records(layout.records, records())
    return layout
