from __future__ import annotations

from typing import Any

import pytest

from common.records.query import Selection, metric_value, select, values_by_seed
from common.records.schema import Cost, Record
from common.strict import BadInputError
from tests.claims.builders import TEMPLATE

ERRORS = {("fog", 1): 10.0, ("fog", 5): 30.0, ("snow", 1): 20.0, ("snow", 5): 80.0}


def records(seeds: int = 2, **changes: Any) -> list[Record]:
    """Errors of ERRORS plus the seed, for two corruptions at two severities."""
    return [
        TEMPLATE.model_copy(
            update={
                "seed": seed,
                "condition": {"corruption": corruption, "severity": severity},
                "metrics": {"error_percent": error + seed},
                **changes,
            }
        )
        for seed in range(seeds)
        for (corruption, severity), error in ERRORS.items()
    ]


def wanted(**where: Any) -> Selection:
    return Selection(step="adaptation", method="ent", metric="error_percent", where=where)


def test_conditions_that_are_not_named_are_averaged_over() -> None:
    assert values_by_seed(records(), wanted()) == {0: 35.0, 1: 36.0}
    assert values_by_seed(records(), wanted(corruption="fog")) == {0: 20.0, 1: 21.0}
    assert values_by_seed(records(), wanted(corruption="fog", severity=5)) == {0: 30.0, 1: 31.0}


def test_a_list_allows_each_of_its_values() -> None:
    assert values_by_seed(records(1), wanted(severity=[5])) == {0: 55.0}
    assert values_by_seed(records(1), wanted(corruption=["fog", "snow"], severity=[1])) == {0: 15.0}
    assert values_by_seed(records(1), wanted(corruption=["fog", "hail"])) == {0: 20.0}


@pytest.mark.parametrize("where", [{"corruption": "hail"}, {"severity": "5"}, {"split": "test"}])
def test_what_no_record_has_selects_nothing(where: dict[str, Any]) -> None:
    assert values_by_seed(records(), wanted(**where)) == {}


def test_step_and_method_are_part_of_the_selection() -> None:
    others = records(method="rpl") + records(step="learning_rates")
    assert select(others, wanted()) == []
    assert len(select(others + records(1), wanted())) == 4


def test_selected_records_are_sorted_whatever_their_order() -> None:
    selected = select(reversed(records()), wanted())
    assert [record.seed for record in selected] == [0] * 4 + [1] * 4
    assert select(records(), wanted()) == selected


def test_narrowing_fixes_more_and_leaves_the_first_as_it_was() -> None:
    fog = wanted(corruption="fog")
    assert fog.narrowed({"severity": 5}).where == {"corruption": "fog", "severity": 5}
    assert fog.where == {"corruption": "fog"}


def test_seeds_that_cover_different_conditions_are_refused() -> None:
    incomplete = records()[:-1]
    with pytest.raises(BadInputError, match=r"seeds of adaptation/ent cover different conditions"):
        values_by_seed(incomplete, wanted())
    assert values_by_seed(incomplete, wanted(corruption="fog")) == {0: 20.0, 1: 21.0}


def test_a_metric_that_a_record_lacks_is_named() -> None:
    selection = wanted().model_copy(update={"metric": "accuracy"})
    with pytest.raises(
        BadInputError, match=r"toy_paper/adaptation/ent has no metric 'accuracy'; it has error_p"
    ):
        values_by_seed(records(), selection)


COST = Cost(seconds=8.0, processor_seconds=6.0, threads=1, parts={"unlearning": 2.5})


@pytest.mark.parametrize(
    ("metric", "seconds"), [("cost.seconds", 8.0), ("cost.processor_seconds", 6.0), ("cost.unlearning", 2.5)]
)
def test_times_are_selected_from_the_cost(metric: str, seconds: float) -> None:
    selection = wanted(corruption="fog").model_copy(update={"metric": metric})
    assert values_by_seed(records(cost=COST), selection) == {0: seconds, 1: seconds}


def test_times_are_averaged_like_metrics() -> None:
    twice = COST.model_copy(update={"parts": {"unlearning": 5.0}})
    mixed = records(1, cost=COST)[:2] + records(1, cost=twice)[2:]
    assert values_by_seed(mixed, wanted().model_copy(update={"metric": "cost.unlearning"})) == {0: 3.75}


@pytest.mark.parametrize("metric", ["cost.evaluation", "cost.threads", "cost."])
def test_a_time_that_a_record_lacks_is_named(metric: str) -> None:
    with pytest.raises(
        BadInputError,
        match=rf"has no metric '{metric}'; it has cost\.processor_seconds, cost\.seconds, cost\.unlearning\.",
    ):
        metric_value(TEMPLATE.model_copy(update={"cost": COST}), metric)
