from __future__ import annotations

from pathlib import Path

import pytest

from common.claims.comparison import Ranking
from common.claims.reading import read_claims
from common.claims.schema import EffectClaim, ValueClaim
from common.records.query import Selection
from common.strict import BadInputError

EFFECT = """\
claims:
  - kind: effect
    id: toy_effect
    statement: ENT is better than BN adaptation.
    where: section 1
    unit: points
    every:
      - minuend: {step: adaptation, method: ent, metric: error_percent, where: {severity: [1, 5]}}
        subtrahend: {step: adaptation, method: bn_adapt, metric: error_percent}
        expected: negative
"""
SUBTRAHEND = "subtrahend: {step: adaptation, method: bn_adapt, metric: error_percent}"
RANKING = """\
claims:
  - kind: effect
    id: toy_ranking
    origin: control
    statement: The ranking stays the same.
    where: ours
    unit: ''
    every:
      - minuend:
          step: adaptation
          methods: [ent, rpl, bn_adapt]
          metric: error_percent
          first: {split: test}
          second: {split: [a, b]}
        constant: 0
        expected: positive
        at_least: -0.1
"""
VALUE = """\
  - kind: value
    id: toy_value
    statement: ENT's error is 13.3 %.
    where: Table 19
    unit: "%"
    quantity: {step: adaptation, method: ent, metric: error_percent}
    published: {value: 13.3, source: "Table 19, row ENT", protocol: {epochs: 1}}
    margin: 0.5
    margin_reason: a test
"""


def _read(text: str, folder: Path) -> object:
    path = folder / "claims.yaml"
    path.write_text(text)
    return read_claims(path)


def test_claims_are_read(tmp_path: Path) -> None:
    (tmp_path / "claims.yaml").write_text(EFFECT + VALUE)
    effect, value = read_claims(tmp_path / "claims.yaml").claims
    assert isinstance(effect, EffectClaim)
    assert isinstance(effect.every[0].minuend, Selection)
    assert effect.every[0].minuend.where == {"severity": [1, 5]}
    assert isinstance(value, ValueClaim)
    assert value.published.protocol == {"epochs": 1}


def test_rankings_controls_and_shortfalls_are_read(tmp_path: Path) -> None:
    (tmp_path / "claims.yaml").write_text(RANKING)
    [claim] = read_claims(tmp_path / "claims.yaml").claims
    assert isinstance(claim, EffectClaim)
    assert claim.origin == "control"
    minuend = claim.every[0].minuend
    assert isinstance(minuend, Ranking)
    assert [one.where for one in minuend.selections()[2]] == [{"split": "test"}, {"split": ["a", "b"]}]
    assert claim.every[0].at_least == -0.1


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("methods", "method", "comparison 1, minuend: .*'method'. Did you mean 'methods'"),
        ("first", "frist", "comparison 1, minuend: .*'frist'. Did you mean 'first'"),
        ("metric", "metrik", "comparison 1, minuend: .*'metrik'. Did you mean 'metric'"),
        ("[ent, rpl, bn_adapt]", "[ent, rpl]", "comparison 1, minuend: 'methods' is .* at least 3 items"),
        ("[ent, rpl, bn_adapt]", "[ent, rpl, ent]", "minuend: 'methods' is .* name each method once"),
        ("{split: [a, b]}", "{split: test}", "minuend: 'second' is .* both conditions are the same"),
        ("constant: 0", "expected: positive", "either a subtrahend or a constant"),
        ("constant: 0", SUBTRAHEND, "'subtrahend' is .* a ranking must be the minuend"),
        ("unit: ''", "unit: points", "'every' is .* a rank correlation has no unit"),
    ],
)
def test_mistakes_in_rankings_are_named(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    assert old in RANKING
    with pytest.raises(BadInputError, match=sentence):
        _read(RANKING.replace(old, new, 1), tmp_path)


def test_a_ranking_is_no_subtrahend(tmp_path: Path) -> None:
    side = "{step: adaptation, methods: [a, b, c], metric: error_percent, first: {}, second: {split: test}}"
    with pytest.raises(BadInputError, match=r"'subtrahend' is .* a ranking must be the minuend"):
        _read(EFFECT.replace(SUBTRAHEND, f"subtrahend: {side}"), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "    unit: points",
            "    units: points",
            "claim toy_effect: .*unknown key 'units'. Did you mean 'unit'",
        ),
        ("kind: effect", "kind: efect", "its kind is 'efect'. Did you mean 'effect'"),
        ("id: toy_effect", "id: Toy Effect", "claim Toy Effect: 'id' is 'Toy Effect'"),
        ("expected: negative", "expeted: negative", "comparison 1: .*'expeted'. Did you mean 'expected'"),
        ("expected: negative", "expected: lower", "'expected' is 'lower'"),
        ("subtrahend: {step", "subtrahend: {stp", "comparison 1, subtrahend: .*'stp'. Did you mean 'step'"),
        ("where: {severity", "were: {severity", "comparison 1, minuend: .*'were'. Did you mean 'where'"),
        (
            "expected: negative",
            "expected: negative\n        constant: 1",
            "either a subtrahend or a constant",
        ),
        ("expected: negative", "expected: negative\n        at_least: .nan", "'at_least' is nan"),
        ("expected: negative", "expected: negative\n        times: 0", "'times' is 0"),
        ("expected: negative", "expected: negative\n        of: variance", "'of' is 'variance'"),
        (SUBTRAHEND, "constant: 1\n        times: 0.2", "'times' is 0.2: .* needs a subtrahend"),
        (SUBTRAHEND, "constant: 1\n        of: spread", "'of' is 'spread': .* needs a subtrahend"),
        ("unit: points", "unit: points\n    origin: controll", "'origin' is 'controll'"),
        ("    every:", "    evry:", "Did you mean 'every'"),
        ("margin: 0.5", "margin: 0", "claim toy_value: 'margin' is 0"),
        ("margin: 0.5", "margin: .nan", "'margin' is nan"),
        ("value: 13.3", "value: .nan", "'published.value' is nan"),
        ("{value: 13.3", "{valu: 13.3", "'published.valu'. Did you mean 'value'"),
        ("protocol: {epochs: 1}", "protocol: {}", "'published.protocol'"),
        ("value: 13.3", "value: 13.3, plus_minus_kind: standard error", "needs plus_minus and an n"),
        ("id: toy_value", "id: toy_effect", "the id 'toy_effect' stands for several claims"),
        ("claims:", "claim:", "must hold one key, 'claims'"),
        ("claims:", "more: 1\nclaims:", "unknown key 'more'"),
        ("  - kind: value", "  - just words\n  - kind: value", "claim 2: it must be a mapping"),
    ],
)
def test_mistakes_are_named(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    text = EFFECT + VALUE
    assert old in text
    with pytest.raises(BadInputError, match=sentence):
        _read(text.replace(old, new, 1), tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"claims.yaml does not exist"):
        read_claims(tmp_path / "claims.yaml")
