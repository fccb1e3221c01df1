from __future__ import annotations

from pathlib import Path

import pytest

from common.claims.reading import read_claims
from common.claims.schema import EffectClaim, ValueClaim
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
    assert effect.every[0].minuend.where == {"severity": [1, 5]}
    assert isinstance(value, ValueClaim)
    assert value.published.protocol == {"epochs": 1}


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
        ("expected: negative", "expected: negative\n        at_least: -1", "'at_least' is -1"),
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
