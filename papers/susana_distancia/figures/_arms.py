"""What the figures of this paper share: names of its arms, and the values that records have of them."""

from __future__ import annotations

from collections.abc import Sequence

from common.records.collected import Line

ARMS = {
    "untrained": "untrained",
    "cross": "CE (ProtoNet)",
    "triplet": "CE + batch-hard triplet",
    "proto_triplet": "CE + Proto-Triplet",
    "proto_triplet_alone": "Proto-Triplet",
    "full_icnn": "CE + full ICNN",
    "full_icnn_alone": "full ICNN",
    "both": "CE + both",
    "support_icnn": "CE + support ICNN",
    "query_icnn": "CE + query ICNN",
}
SHAPES = {
    "few_1": "1-shot, five ways",
    "many_1": "1-shot, many ways",
    "few_5": "5-shot, five ways",
    "many_5": "5-shot, many ways",
}


def values(collected: Sequence[Line], shape: str, arm: str, metric: str) -> dict[int, float]:
    """Seed -> the metric on novel classes."""
    records = (line.record for line in collected)
    return {
        record.seed: record.metrics[metric]
        for record in records
        if (record.step, record.method) == (f"evaluation_{shape}", arm)
    }
