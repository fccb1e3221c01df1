from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import pytest

from common.records.collected import collect, read_collected
from common.records.pictures import encode
from common.records.store import curves_path, pictures_path, write_record
from common.strict import BadInputError
from tests.claims.builders import TEMPLATE, make_records


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty root of a repository, and where its records go below it."""
    monkeypatch.chdir(tmp_path)
    return Path("records")


def _write(folder: Path, count: int = 3) -> list[Path]:
    paths = []
    for record in make_records("ent", [float(value) for value in range(count)]):
        path = folder / f"seed{record.seed}" / "fog.json"
        write_record(path, record, {"error_percent": [2.0, 1.5]} if record.seed == 0 else None)
        paths.append(path)
    return paths


def test_records_and_curves_come_back_as_written(folder: Path) -> None:
    paths = _write(folder)
    collect(reversed(paths), Path("records.jsonl"))
    lines = read_collected(Path("records.jsonl"))
    assert [line.path for line in lines] == [path.as_posix() for path in paths]
    assert [line.record.seed for line in lines] == [0, 1, 2]
    assert [line.curves for line in lines] == [{"error_percent": [2.0, 1.5]}, None, None]


def _picture(folder: Path) -> Path:
    """A record with three grey images of two pixels."""
    path = folder / "fog.json"
    images = np.array([[[0], [1]], [[127], [128]], [[254], [255]]], dtype=np.uint8)
    write_record(path, TEMPLATE, None, encode({"forgotten": images}, "a test"))
    return path


def test_pictures_come_back_as_written(folder: Path) -> None:
    collect([_picture(folder)], Path("records.jsonl"))
    [line] = read_collected(Path("records.jsonl"))
    images = line.picture("forgotten")
    assert images.dtype == np.uint8
    assert images.tolist() == [[[0], [1]], [[127], [128]], [[254], [255]]]
    with pytest.raises(BadInputError, match=r"fog\.json has no picture 'forgoten'\. Did you mean"):
        line.picture("forgoten")


def test_a_record_without_pictures_says_so(folder: Path) -> None:
    [line, *_] = collect(_write(folder), Path("records.jsonl"))
    assert line.pictures is None
    with pytest.raises(BadInputError, match=r"fog\.json has no picture 'forgotten'\. Known: none"):
        line.picture("forgotten")


def test_lines_from_before_pictures_were_kept_are_read(folder: Path) -> None:
    collect(_write(folder, 1), Path("records.jsonl"))
    line = json.loads(Path("records.jsonl").read_text())
    del line["pictures"], line["record"]["pictures"]
    Path("records.jsonl").write_text(json.dumps(line))
    [read] = read_collected(Path("records.jsonl"))
    assert read.pictures is None


def test_other_or_missing_pictures_are_refused(folder: Path) -> None:
    path = _picture(folder)
    text = pictures_path(path).read_text()
    pictures_path(path).write_text(text.replace("AAF/", "AAF+"))
    assert pictures_path(path).read_text() != text
    with pytest.raises(BadInputError, match="other pictures than those"):
        collect([path], Path("records.jsonl"))
    pictures_path(path).unlink()
    with pytest.raises(BadInputError, match=r"fog.pictures.json does not exist"):
        collect([path], Path("records.jsonl"))


def test_curves_of_a_diverged_run_come_back(folder: Path) -> None:
    write_record(folder / "fog.json", TEMPLATE, {"loss": [1.0, math.inf, math.nan]})
    collect([folder / "fog.json"], Path("records.jsonl"))
    [line] = read_collected(Path("records.jsonl"))
    assert line.curves is not None
    assert line.curves["loss"][1] == math.inf
    assert math.isnan(line.curves["loss"][2])


def test_the_file_does_not_depend_on_the_order(folder: Path) -> None:
    paths = _write(folder)
    collect(paths, Path("first.jsonl"))
    collect(reversed(paths), Path("second.jsonl"))
    assert Path("first.jsonl").read_bytes() == Path("second.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"method"', '"metod"', "fog.json: .*'metod'. Did you mean 'method'"),
        ("{", "", "fog.json: not valid JSON"),
        ('"scale": "quick"', '"scale": "huge"', "'scale' is 'huge'"),
        ('"error_percent": 0.0', '"error_percent": NaN', "'metrics.error_percent' is nan"),
    ],
)
def test_a_broken_record_is_named_and_nothing_is_written(
    old: str, new: str, sentence: str, folder: Path
) -> None:
    paths = _write(folder)
    text = paths[0].read_text()
    assert old in text
    paths[0].write_text(text.replace(old, new, 1))
    with pytest.raises(BadInputError, match=sentence):
        collect(paths, Path("records.jsonl"))
    assert not Path("records.jsonl").exists()


def test_other_or_missing_curves_are_refused(folder: Path) -> None:
    paths = _write(folder)
    curves_path(paths[0]).write_text('{"error_percent": [9.0]}')
    with pytest.raises(BadInputError, match="other curves than those"):
        collect(paths, Path("records.jsonl"))
    curves_path(paths[0]).unlink()
    with pytest.raises(BadInputError, match=r"fog.curves.json does not exist"):
        collect(paths, Path("records.jsonl"))


def test_a_cell_that_stands_twice_is_refused(folder: Path) -> None:
    paths = _write(folder, 1)
    write_record(folder / "copy.json", TEMPLATE.model_copy(update={"method": "ent"}), None)
    with pytest.raises(BadInputError, match=r"hold the same cell at the same seed"):
        collect([*paths, folder / "copy.json"], Path("records.jsonl"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("{", "line 2: not valid JSON"), ('{"path": "a"}', "line 2: the key 'record' is missing")],
)
def test_a_broken_line_is_numbered(line: str, sentence: str, folder: Path) -> None:
    collect(_write(folder, 1), Path("records.jsonl"))
    with Path("records.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(BadInputError, match=sentence):
        read_collected(Path("records.jsonl"))


def test_missing_files_are_named(folder: Path) -> None:
    with pytest.raises(BadInputError, match=r"records.jsonl does not exist.*snakemake"):
        read_collected(Path("records.jsonl"))
    with pytest.raises(BadInputError, match=r"records/none.json does not exist"):
        collect([folder / "none.json"], Path("records.jsonl"))


def test_no_records_make_an_empty_file_that_reads_as_none(folder: Path) -> None:
    collect([], Path("records.jsonl"))
    assert read_collected(Path("records.jsonl")) == []


def test_a_thousand_records_take_less_than_a_second(folder: Path) -> None:
    paths = _write(folder, 1000)
    start = time.process_time()
    collect(paths, Path("records.jsonl"))
    assert len(read_collected(Path("records.jsonl"))) == 1000
    assert time.process_time() - start < 1.0
