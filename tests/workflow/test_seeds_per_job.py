"""Short runs share a process: several seeds in one job, and still one record each."""

from __future__ import annotations

from pathlib import Path

from common.rules.workflow import RunRule, Workflow
from common.strict import read_yaml

ROOT = Path(__file__).parents[2]


def planned(seeds: int) -> tuple[Workflow, list[RunRule]]:
    settings = {**read_yaml(ROOT / "config.yaml"), "papers": "self_learning", "seeds": seeds}
    flow = Workflow(settings, ROOT)
    return flow, [rule for rule in flow.run_rules() if rule.name.startswith("self_learning_adaptation_ent")]


def test_seeds_are_shared_out_and_the_last_job_takes_the_rest() -> None:
    _, rules = planned(seeds=5)
    assert [rule.seeds for rule in rules] == ["--seed 0 --seed 1 --seed 2", "--seed 3 --seed 4"]


def test_the_jobs_make_every_record_once_and_read_the_networks_of_their_seeds() -> None:
    flow, rules = planned(seeds=5)
    made = [path for rule in rules for path in rule.outputs]
    assert sorted(made) == sorted(
        path for path in flow.records("self_learning") if "/adaptation/ent/" in path
    )
    assert [len(rule.inputs) for rule in rules] == [3, 2]
    assert all("seed3" in path or "seed4" in path for path in rules[1].inputs)


def test_long_jobs_come_before_short_ones_and_after_what_they_wait_for() -> None:
    flow, _ = planned(seeds=5)
    priority = {rule.name: rule.priority for rule in flow.run_rules()}
    trained = priority["self_learning_source_network_training"]
    assert trained > priority["self_learning_adaptation_ent_0"] > priority["self_learning_adaptation_ent_3"]
