from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from common.claims.__main__ import main
from common.claims.schema import Claims, Verdicts
from common.claims.verdicts import reach_verdicts
from common.records.collected import Line
from common.records.schema import Record
from common.strict import BadInputError
from tests.claims.builders import effect_claim, make_records
from tests.claims.test_reading import EFFECT, VALUE

CLAIMS = (EFFECT + VALUE).replace(", where: {severity: [1, 5]}", "")
RECORDS = make_records("ent", [8.0, 8.2, 7.9]) + make_records("bn_adapt", [10.1, 10.4, 9.9])


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository with one paper's claims and collected records."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers/toy_paper").mkdir(parents=True)
    (tmp_path / "papers/toy_paper/claims.yaml").write_text(CLAIMS)
    results = tmp_path / "results/quick/toy_paper"
    results.mkdir(parents=True)
    (results / "records.jsonl").write_text(_lines(RECORDS))
    return tmp_path


def _lines(records: list[Record]) -> str:
    lines = [Line(path=f"{place}.json", record=record, curves=None) for place, record in enumerate(records)]
    return "".join(line.model_dump_json() + "\n" for line in lines)


def test_the_command_writes_a_verdict_on_each_claim(paper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main("toy_paper")
    written = (paper / "results/quick/toy_paper/verdicts.json").read_text()
    verdicts = Verdicts.model_validate_json(written)
    assert [verdict.word for verdict in verdicts.verdicts] == ["holds", "not comparable"]
    assert capsys.readouterr().out == "toy_effect: holds\ntoy_value: not comparable\n"
    assert [path.name for path in (paper / "results/quick/toy_paper").iterdir() if path.name[0] == "."] == []


def test_other_records_can_be_judged(paper: Path) -> None:
    recorded = paper / "recorded.jsonl"
    recorded.write_text(_lines([record.model_copy(update={"scale": "full"}) for record in RECORDS]))
    main("toy_paper", "full", recorded, paper / "elsewhere.json")
    words = [verdict["word"] for verdict in json.loads((paper / "elsewhere.json").read_text())["verdicts"]]
    assert words == ["holds", "differs"]


def test_a_mistake_ends_in_a_sentence_and_leaves_no_file(paper: Path) -> None:
    (paper / "papers/toy_paper/claims.yaml").write_text(
        CLAIMS.replace("metric: error_percent", "metric: eror")
    )
    with pytest.raises(SystemExit, match=r"error: Claim toy_effect: .* has no metric 'eror'"):
        main("toy_paper")
    assert not (paper / "results/quick/toy_paper/verdicts.json").exists()


def test_missing_records_name_the_next_command(paper: Path) -> None:
    with pytest.raises(SystemExit, match=r"results/full/toy_paper/records.jsonl does not exist.*snakemake"):
        main("toy_paper", "full")


def test_records_of_another_scale_are_refused() -> None:
    with pytest.raises(BadInputError, match="made at quick scale, but verdicts at full"):
        reach_verdicts("toy_paper", "full", RECORDS, Claims(claims=[effect_claim()]))


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys, common.claims.__main__; "
        "print(sorted({'scipy', 'statsmodels', 'pandas', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
