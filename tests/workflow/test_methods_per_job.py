"""Several methods of a step in one process: each leaves its own records, and reads its own artefacts."""

from __future__ import annotations

from pathlib import Path

from common.rules.workflow import RunRule, Workflow
from common.runs.config import StepConfig
from common.strict import read_yaml

ROOT = Path(__file__).parents[2]


def rules_of(step: str, seeds: int = 5) -> tuple[Workflow, list[RunRule]]:
    settings = {**read_yaml(ROOT / "config.yaml"), "papers": "challenging_forgets", "seeds": seeds}
    flow = Workflow(settings, ROOT)
    return flow, [rule for rule in flow.run_rules() if f"challenging_forgets_{step}_" in rule.name]


def configured(flow: Workflow, step: str) -> StepConfig:
    return next(spec.config for spec in flow.jobs("challenging_forgets") if spec.step == step)


def test_every_record_is_made_once() -> None:
    flow, rules = rules_of("unlearning")
    made = [path for rule in rules for path in rule.outputs]
    whole = [path for path in flow.records("challenging_forgets") if "/records/unlearning/" in path]
    wanted = [path for path in made if "/records/unlearning/" in path]
    assert sorted(wanted) == sorted(whole)


def test_jobs_are_as_many_as_the_groups_of_methods_and_seeds() -> None:
    flow, rules = rules_of("references")
    step = configured(flow, "references")
    groups = -(-len(step.methods) // step.methods_per_job) * -(-5 // step.seeds_per_job)
    assert len(rules) == groups
    assert rules[0].params["job"].startswith("challenging_forgets references no_unlearning retrain_again ")


def test_each_method_reads_what_was_tuned_for_it() -> None:
    _, rules = rules_of("retuned")
    first = rules[0]
    methods = first.params["job"].split(" --scale")[0].split()[2:]
    tuned = {
        path.split("/artefacts/tuning_worst/")[1].split("/")[0] for path in first.inputs if "tuning_w" in path
    }
    assert len(methods) > 1
    assert tuned == set(methods)


def test_a_job_hangs_on_the_code_and_settings_of_all_its_methods() -> None:
    _, rules = rules_of("references")
    assert len(set(rules[0].params["code"].split())) == 2
    assert len(rules[0].params["config"].splitlines()) == 2
