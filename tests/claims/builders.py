"""Records and claims for tests: small, complete, and varied by keyword."""

from __future__ import annotations

from typing import Any

from common.claims.comparison import Comparison, Ranking
from common.claims.schema import EffectClaim, Published, ValueClaim
from common.records.query import Selection
from common.records.schema import Cost, MachineFacts, Record

TEMPLATE = Record(
    track="test_time_adaptation",
    paper="toy_paper",
    step="adaptation",
    method="ent",
    condition={"corruption": "fog"},
    scale="quick",
    seed=0,
    protocol_type="toy",
    protocol={"data_set": "cifar10", "epochs": 1},
    settings={},
    metrics={"error_percent": 10.0},
    data={"cifar10": "0" * 64},
    inputs={},
    code="0" * 64,
    cost=Cost(seconds=1.0, processor_seconds=1.0, threads=1),
    machine=MachineFacts(
        processor="toy", cores=1, memory_gib=1.0, accelerator=None, system="toy", python="3", packages={}
    ),
    commit="0" * 40,
    finished="2026-01-01T00:00:00Z",
)


def make_records(method: str, values: list[float], **changes: Any) -> list[Record]:
    """One record per value, at seeds 0, 1, 2, …"""
    return [
        TEMPLATE.model_copy(
            update={"method": method, "seed": seed, "metrics": {"error_percent": value}, **changes}
        )
        for seed, value in enumerate(values)
    ]


def selection(method: str, **where: Any) -> Selection:
    return Selection(step="adaptation", method=method, metric="error_percent", where=where)


def comparison(first: str = "ent", second: str | None = "bn_adapt", **changes: Any) -> Comparison:
    given: dict[str, Any] = {"minuend": selection(first), "expected": "negative", **changes}
    if second is not None and "subtrahend" not in given:
        given["subtrahend"] = selection(second)
    return Comparison(**given)


def ranking(*methods: str, **changes: Any) -> Ranking:
    given: dict[str, Any] = {"first": {"corruption": "fog"}, "second": {"corruption": "snow"}, **changes}
    return Ranking(step="adaptation", methods=list(methods), metric="error_percent", **given)


def effect_claim(*every: Comparison, **changes: Any) -> EffectClaim:
    given: dict[str, Any] = {"unit": "points", **changes}
    return EffectClaim(
        kind="effect",
        id="toy_effect",
        statement="ENT is better than BN adaptation.",
        where="section 1",
        every=list(every) or [comparison()],
        **given,
    )


def value_claim(value: float = 10.0, margin: float = 0.5, **published: Any) -> ValueClaim:
    return ValueClaim(
        kind="value",
        id="toy_value",
        statement="ENT's error is 10 %.",
        where="Table 1",
        unit="%",
        quantity=selection("ent"),
        quantity_name="ENT's error",
        published=Published(
            **{
                "value": value,
                "source": "Table 1",
                "protocol": {"data_set": "cifar10", "epochs": 1},
                **published,
            }
        ),
        margin=margin,
        margin_reason="a test",
    )
