"""What a panel says of how its runs were made: settings with sources, protocol, machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.pages.site.making import Making, Makings
from common.runs.sources import Source
from tests.pages.example import make_record

CONFIG = """\
paper: example
track: chance
scales:
  quick:
    seeds: 1
    steps:
      adaptation:
        entry: experiments.chance.example.adaptation
        settings: {learning_rate: 0.001, training: {epochs: 4}} # Table 7
        methods: {ent: {}}
"""


@pytest.fixture
def makings(tmp_path: Path) -> Makings:
    path = tmp_path / "experiments" / "chance" / "example" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG)
    return Makings(tmp_path, "example")


def describe(makings: Makings, *changes: dict[str, Any]) -> Making:
    making = makings.describe([make_record(**change) for change in changes])
    assert making is not None
    return making


def test_settings_have_the_words_of_the_configuration(makings: Makings) -> None:
    settings = {"learning_rate": 0.001, "training": {"epochs": 4}}
    making = describe(makings, {"settings": settings}, {"settings": settings, "seed": 1})
    assert [(each.name, each.values) for each in making.settings] == [
        ("learning_rate", ("0.001",)),
        ("training.epochs", ("4",)),
    ]
    assert making.settings[0].source == Source("Table 7", beside=("epochs",))
    assert making.sourced == 2
    assert making.configuration == "experiments/chance/example/config.yaml"


def test_another_value_than_the_configuration_has_no_source(makings: Makings) -> None:
    [setting] = describe(makings, {"settings": {"learning_rate": 0.1}}).settings
    assert (setting.values, setting.source) == (("0.1",), None)
    assert setting.remark == "made with another value than the configuration has now: 0.001"


def test_a_setting_that_the_configuration_lost_says_so(makings: Makings) -> None:
    [setting] = describe(makings, {"settings": {"gone": True}}).settings
    assert (setting.values, setting.remark) == (("true",), "no longer in the configuration")


def test_runs_that_disagree_show_each_value(makings: Makings) -> None:
    making = describe(
        makings,
        {"protocol": {"network": "a", "images": 10}, "settings": {"learning_rate": 0.001}},
        {"protocol": {"network": "b", "images": 10, "late": None}, "settings": {"learning_rate": 0.002}},
    )
    assert [(fact.name, fact.values) for fact in making.differing] == [
        ("network", ("a", "b")),
        ("late", ("absent", "none")),
    ]
    assert making.settings[0].values == ("0.001", "0.002")
    assert making.settings[0].source is None


def test_a_paper_without_a_configuration_claims_nothing(tmp_path: Path) -> None:
    making = describe(Makings(tmp_path, "example"), {})
    assert making.configuration == ""
    assert [(each.source, each.remark) for each in making.settings] == [(None, "")]


def test_nothing_run_nothing_made(makings: Makings) -> None:
    assert makings.describe([]) is None


def test_each_machine_is_named_once(makings: Makings) -> None:
    other = make_record().machine.model_copy(update={"accelerator": "Example GPU"})
    making = describe(makings, {}, {"seed": 1}, {"seed": 2, "machine": other})
    assert [machine.accelerator for machine in making.machines] == [None, "Example GPU"]
