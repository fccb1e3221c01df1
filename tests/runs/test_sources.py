"""Where values come from: each rule by which a comment speaks of a value, and the real configurations."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.runs.registry import paper_configs
from common.runs.sources import ConfigSources, Source, flatten
from common.strict import BadInputError

ROOT = Path(__file__).parents[2]
CONFIG = """\
paper: example # not a value
track: chance
scales:
  smoke: # a whole scale
    seeds: 1
    steps:
      first:
        entry: experiments.chance.example.first
        settings: &shared
          epochs: 5 # Table 7
          # ours: the largest that fits,
          # by trial
          batch_size: 64
          title: "a # in a string" # ours: for '#'
          address: with#hash

          # a comment apart from what follows

          momentum: 0.9
          rate: &rate 0.1 # appendix B
          grid: # Table 3
            low: 1
            high: 2 # ours: wider
          both: {left: 1, right: 2} # Table 4
          named: {left: 1, right: 2} # right: Table 5
          text: |
            # not a comment
            of a string
        methods:
          # section 4
          plain: {descent: &descent {steps: 3, stop: true}}
          own: {descent: *descent, epochs: 7} # code
          blocks: # section 5
            epochs: 8
      second:
        entry: experiments.chance.example.second
        settings: {<<: *shared, momentum: 0.5, rate: *rate}
        methods: {plain: {}}
"""


@pytest.fixture
def sources(tmp_path: Path) -> ConfigSources:
    path = tmp_path / "experiments" / "chance" / "example" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG)
    return ConfigSources(path)


def source(sources: ConfigSources, name: str, step: str = "first", method: str = "plain") -> Source | None:
    return sources.settings("smoke", step, method)[name].source


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("epochs", Source("Table 7")),
        ("batch_size", Source("ours: the largest that fits, by trial")),
        ("title", Source("ours: for '#'")),
        ("address", None),
        ("momentum", None),
        ("rate", Source("appendix B")),
        ("grid.low", Source("Table 3", around="grid")),
        ("grid.high", Source("ours: wider")),
        ("both.left", Source("Table 4", beside=("right",))),
        ("named.right", Source("Table 5")),
        ("named.left", None),
        ("text", None),
        ("descent.steps", Source("section 4", beside=("stop",))),
    ],
)
def test_a_comment_speaks_of_the_values_beside_it(
    sources: ConfigSources, name: str, expected: Source | None
) -> None:
    assert source(sources, name) == expected


def test_a_method_has_values_of_its_own(sources: ConfigSources) -> None:
    own = sources.settings("smoke", "first", "own")
    assert own["epochs"].value == 7
    assert own["epochs"].source == Source("code")
    assert own["descent.steps"].source == Source("section 4", beside=("stop",))  # where it is written
    assert own["batch_size"].source == Source("ours: the largest that fits, by trial")
    assert source(sources, "epochs", method="blocks") == Source("section 5", around="blocks")


def test_merge_keys_and_aliases_lead_to_where_a_value_is_written(sources: ConfigSources) -> None:
    second = sources.settings("smoke", "second", "plain")
    assert second["epochs"].source == Source("Table 7")
    assert second["rate"].source == Source("appendix B")
    assert (second["momentum"].value, second["momentum"].source) == (0.5, None)


@pytest.mark.parametrize(("step", "method"), [("third", "plain"), ("first", "nobody")])
def test_a_job_that_is_no_more_has_no_settings(sources: ConfigSources, step: str, method: str) -> None:
    assert sources.settings("smoke", step, method) == {}
    assert sources.settings("full", "first", "plain") == {}


def test_flatten_keeps_order_and_empty_mappings() -> None:
    nested = {"b": {"y": 1, "x": {"z": [1, 2]}}, "a": {}, "c": None}
    assert list(flatten(nested).items()) == [("b.y", 1), ("b.x.z", [1, 2]), ("a", {}), ("c", None)]


def test_a_configuration_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("paper: [")
    with pytest.raises(BadInputError, match="not valid YAML"):
        ConfigSources(path)


@pytest.mark.parametrize(
    ("paper", "step", "method", "name", "expected"),
    [
        ("self_learning", "adaptation", "rpl", "q", Source("table 21")),
        ("self_learning", "adaptation", "rpl", "epochs", None),
        ("self_learning", "adaptation", "rpl", "batch_size", Source("appendix B.1")),
        ("self_learning", "source_network", "training", "training.momentum", "He et al. 2016, section 4.2"),
        ("challenging_forgets", "retrain", "retrain", "training_rate", Source("ours")),
        ("challenging_forgets", "unlearning", "salun", "method.mask_share", Source("code")),
        ("challenging_forgets", "unlearning", "ft", "data.validation_share", "code: 10 % of every class"),
    ],
)
def test_real_values(paper: str, step: str, method: str, name: str, expected: Source | str | None) -> None:
    found = ConfigSources(paper_configs(ROOT)[paper]).settings("quick", step, method)[name].source
    assert found == (Source(expected) if isinstance(expected, str) else expected)
