from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from common.records import store
from common.records.pictures import Picture
from common.records.schema import Cost, Record, content_hash
from common.records.store import curves_path, pictures_path, write_record
from tests.claims.builders import TEMPLATE


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "seed0" / "corruption=fog.json"
    write_record(path, TEMPLATE, None)
    assert Record.model_validate_json(path.read_text()) == TEMPLATE
    assert [file.name for file in path.parent.iterdir()] == ["corruption=fog.json"]


def test_the_record_names_the_hash_of_its_curves(tmp_path: Path) -> None:
    path, curves = tmp_path / "fog.json", {"error_percent": [30.5, 20.25]}
    write_record(path, TEMPLATE, curves)
    assert json.loads(curves_path(path).read_text()) == curves
    assert Record.model_validate_json(path.read_text()).curves == content_hash(curves)
    assert curves_path(path) == tmp_path / "fog.curves.json"


def test_curves_that_are_gone_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "fog.json"
    write_record(path, TEMPLATE, {"error_percent": [1.0]})
    write_record(path, TEMPLATE, None)
    assert list(tmp_path.iterdir()) == [path]
    assert Record.model_validate_json(path.read_text()).curves is None


PICTURES = {"forgotten": Picture(bytes="AAECAwQF", shape=[1, 2, 3])}


def test_the_record_names_the_hash_of_its_pictures(tmp_path: Path) -> None:
    path = tmp_path / "fog.json"
    write_record(path, TEMPLATE, None, PICTURES)
    assert pictures_path(path) == tmp_path / "fog.pictures.json"
    written = json.loads(pictures_path(path).read_text())
    assert written == {"forgotten": {"shape": [1, 2, 3], "bytes": "AAECAwQF"}}
    record = Record.model_validate_json(path.read_text())
    assert (record.pictures, record.curves) == (content_hash(written), None)


def test_pictures_that_are_gone_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "fog.json"
    write_record(path, TEMPLATE, None, PICTURES)
    write_record(path, TEMPLATE, None)
    assert list(tmp_path.iterdir()) == [path]
    assert Record.model_validate_json(path.read_text()).pictures is None


def test_the_record_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr(store, "write_text", lambda path, _: order.append(path.name))
    write_record(tmp_path / "fog.json", TEMPLATE, {"error_percent": [1.0]}, PICTURES)
    assert order == ["fog.curves.json", "fog.pictures.json", "fog.json"]


def test_the_hash_is_that_of_canonical_json() -> None:
    expected = hashlib.sha256('{"a":[1.5,"ü"],"b":1}'.encode()).hexdigest()
    assert content_hash({"b": 1, "a": [1.5, "ü"]}) == expected


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"finished": "2030-01-01T00:00:00Z"}, True),
        ({"commit": "1" * 40}, True),
        ({"cost": TEMPLATE.cost.model_copy(update={"seconds": 9.0})}, True),
        ({"cost": TEMPLATE.cost.model_copy(update={"parts": {"unlearning": 1.0}})}, True),
        ({"machine": TEMPLATE.machine.model_copy(update={"cores": 64})}, True),
        ({"seed": 1}, False),
        ({"metrics": {"error_percent": 10.000001}}, False),
        ({"condition": {"corruption": "snow"}}, False),
        ({"settings": {"q": 0.8}}, False),
        ({"protocol": {"data_set": "cifar10", "epochs": 2}}, False),
        ({"data": {"cifar10": "1" * 64}}, False),
        ({"inputs": {"source_network": "1" * 64}}, False),
        ({"code": "1" * 64}, False),
        ({"curves": "1" * 64}, False),
        ({"pictures": "1" * 64}, False),
        ({"scale": "full"}, False),
        ({"method": "rpl"}, False),
    ],
)
def test_identity_is_what_must_repeat(change: dict[str, object], same: bool) -> None:
    assert (TEMPLATE.model_copy(update=change).identity() == TEMPLATE.identity()) == same


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_metrics_are_finite(value: float) -> None:
    data = {**TEMPLATE.model_dump(), "metrics": {"error_percent": value}}
    with pytest.raises(ValidationError, match="finite"):
        Record.model_validate(data)


@pytest.mark.parametrize(
    ("part", "seconds", "sentence"),
    [
        ("seconds", 1.0, "a part is called 'seconds', which is the time of the whole"),
        ("Unlearning", 1.0, "String should match pattern"),
        ("unlearning", -1.0, "greater than or equal to 0"),
        ("unlearning", math.nan, "finite"),
        ("unlearning", math.inf, "finite"),
    ],
)
def test_parts_of_the_cost_are_times_with_names(part: str, seconds: float, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Cost.model_validate({**TEMPLATE.cost.model_dump(), "parts": {part: seconds}})


def test_a_metric_may_not_look_like_a_time() -> None:
    data = {**TEMPLATE.model_dump(), "metrics": {"cost.seconds": 1.0}}
    with pytest.raises(ValidationError, match=r"'cost\.seconds' begins with 'cost\.', as a time does"):
        Record.model_validate(data)


def test_records_from_before_parts_were_kept_are_read() -> None:
    data = TEMPLATE.model_dump()
    del data["cost"]["parts"]
    assert Record.model_validate(data) == TEMPLATE
