"""A job from its specification to its files, with an entry module that does as it is told."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.data.manifests import content_hash
from common.data.prepare import write_prepared
from common.records.collected import collect
from common.records.schema import Record
from common.records.store import curves_path
from common.runs.config import PaperConfig
from common.runs.execute import execute
from common.runs.folders import folder_hash
from common.runs.identity import job_digest
from common.runs.job import Job, Result
from common.runs.plan import find_job
from common.strict import BadInputError, StrictModel

ENTRY = "experiments.toy_track.toy_entry"
Run = Callable[[Job[Any]], Iterator[Result]]


class ToySettings(StrictModel):
    factor: float = 1.0


class ToyFacts(StrictModel):
    dataset: str = "toy"
    deterministic: bool = False


def result(condition: dict[str, Any], error: float = 1.0, **changes: Any) -> Result:
    return Result(condition, {"error_percent": error}, ToyFacts(), **changes)


def well_behaved(job: Job[ToySettings]) -> Iterator[Result]:
    """The severity times the factor; a curve where the severity is even; the seed as the artefact."""
    for condition in job.conditions:
        severity = int(condition["severity"])
        curves = {"error_percent": [9.0, severity * job.settings.factor]} if severity % 2 == 0 else None
        yield result(condition, severity * job.settings.factor, curves=curves)
    if job.artefact is not None:
        job.artefact.write_text(f"network of seed {job.seed}")


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Record]]:
    """Run one job of a toy paper whose entry is the function given; its records, read back."""
    (tmp_path / "experiments" / "toy_track").mkdir(parents=True)
    (tmp_path / "experiments" / "toy_track" / "toy_entry.py").write_text("")

    def run(
        entry: Run = well_behaved,
        step: str = "only",
        folders: dict[str, Path] | None = None,
        seed: int = 0,
        **changes: Any,
    ) -> list[Record]:
        module = types.ModuleType(ENTRY)
        module.__dict__.update(Settings=ToySettings, run=entry)
        monkeypatch.setitem(sys.modules, ENTRY, module)
        config = toy_config(**changes)
        spec = find_job(config, "quick", step, "exact", seed)
        execute(spec, config, tmp_path, folders or {})
        return [Record.model_validate_json((tmp_path / path).read_text()) for path in spec.records]

    return run


def toy_config(**changes: Any) -> PaperConfig:
    """A step, as `changes` have it, one of both methods that needs it, one that gathers its seeds."""
    only = {
        "entry": ENTRY,
        "methods": {"exact": {}},
        "conditions": [{"severity": [1, 2]}],
        "artefact": "network.txt",
        **changes,
    }
    later = {
        "entry": ENTRY,
        "methods": {"rough": {}, "exact": {}},
        "conditions": [{"severity": [3]}],
        "needs": ["only"],
    }
    gathering = {"entry": ENTRY, "methods": {"exact": {}}, "gathers": {"only": 3}}
    scale = {"seeds": 2, "steps": {"only": only, "later": later, "gathering": gathering}}
    return PaperConfig.model_validate(
        {"paper": "toy_paper", "track": "toy_track", "scales": {"quick": scale}}
    )


def files(root: Path) -> set[str]:
    below = root / "results/quick/toy_paper"
    return {path.relative_to(below).as_posix() for path in below.rglob("*") if path.is_file()}


def test_every_cell_leaves_a_record_and_its_curves(
    start: Callable[..., list[Record]], tmp_path: Path
) -> None:
    first, second = start(settings={"factor": 2.5})
    assert (first.condition, first.metrics) == ({"severity": 1}, {"error_percent": 2.5})
    assert (second.condition, second.metrics) == ({"severity": 2}, {"error_percent": 5.0})
    assert first.settings == {"factor": 2.5}
    assert first.protocol_type == "ToyFacts"
    assert first.protocol == {"dataset": "toy", "deterministic": False}
    assert (first.curves is None, second.curves is None) == (True, False)
    assert first.cost.threads == 1
    assert files(tmp_path) == {
        "artefacts/only/exact/seed0/network.txt",
        "records/only/exact/seed0/severity=1.json",
        "records/only/exact/seed0/severity=2.json",
        "records/only/exact/seed0/severity=2.curves.json",
        "receipts/only/exact/seed0.json",
    }


def test_an_artefact_is_handed_on_and_its_hash_kept(start: Callable[..., list[Record]]) -> None:
    seen = []

    def reads(job: Job[ToySettings]) -> Iterator[Result]:
        seen.append(job.inputs["only"].read_text())
        yield result(job.conditions[0])

    start()
    (record,) = start(reads, step="later")
    assert seen == ["network of seed 0"]
    assert record.inputs == {"only": hashlib.sha256(b"network of seed 0").hexdigest()}


def test_gathered_artefacts_come_in_the_order_of_their_seeds(start: Callable[..., list[Record]]) -> None:
    seen: list[str] = []

    def reads(job: Job[ToySettings]) -> Iterator[Result]:
        seen.extend(path.read_text() for path in job.gathered["only"])
        assert job.inputs == {}
        yield result(job.conditions[0])

    for seed in (2, 1, 0):
        start(seed=seed)
    (record,) = start(reads, step="gathering")
    networks = [f"network of seed {seed}" for seed in range(3)]
    assert seen == networks
    assert record.inputs == {
        f"only/seed{seed}": hashlib.sha256(network.encode()).hexdigest()
        for seed, network in enumerate(networks)
    }


def test_the_gathered_seed_that_is_missing_is_named(start: Callable[..., list[Record]]) -> None:
    start()
    start(seed=2)
    with pytest.raises(
        BadInputError,
        match=r"gathering/exact at seed 0 needs .*seed1/network\.txt, which step 'only' makes\. "
        r"Type: python -m common\.runs toy_paper only exact --scale quick --seed 1$",
    ):
        start(step="gathering")


def test_data_are_named_by_their_hashes(start: Callable[..., list[Record]], tmp_path: Path) -> None:
    write_prepared("toy_data", [("images", np.zeros(3))], tmp_path, {})
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "a").write_text("a")
    record, _ = start(datasets=["toy_data"], folders={"mine": mine})
    assert record.data == {"toy_data": content_hash("toy_data", tmp_path), "mine": folder_hash(mine)}


def test_a_record_repeats_but_for_cost_and_time(start: Callable[..., list[Record]], tmp_path: Path) -> None:
    first, again = start(), start()
    assert [record.identity() for record in first] == [record.identity() for record in again]
    assert first[0].identity() != start(settings={"factor": 2})[0].identity()


def test_curves_of_an_earlier_run_do_not_stay(start: Callable[..., list[Record]], tmp_path: Path) -> None:
    start()

    def without_curves(job: Job[ToySettings]) -> Iterator[Result]:
        for each in well_behaved(job):
            yield Result(each.condition, each.metrics, each.protocol)

    start(without_curves)
    path = tmp_path / "results/quick/toy_paper/records/only/exact/seed0/severity=2.json"
    assert path.is_file()
    assert not curves_path(path).exists()


def timed(job: Job[ToySettings]) -> Iterator[Result]:
    for condition in job.conditions:
        yield result(condition, timings={"unlearning": 0.25})
    assert job.artefact is not None
    job.artefact.write_text("")


def test_named_times_are_part_of_the_cost(start: Callable[..., list[Record]]) -> None:
    first, second = start(timed)
    assert first.cost.parts == second.cost.parts == {"unlearning": 0.25}
    assert start()[0].cost.parts == {}


def wrongly_timed(job: Job[ToySettings]) -> Iterator[Result]:
    yield result(job.conditions[0], timings={"un learning": 0.25})


def timed_as_a_whole(job: Job[ToySettings]) -> Iterator[Result]:
    yield result(job.conditions[0], timings={"seconds": 0.25})


def pictured(job: Job[ToySettings]) -> Iterator[Result]:
    for condition in job.conditions:
        yield result(condition, pictures={"seed": np.full((2, 3, 4, 3), job.seed, dtype=np.uint8)})
    assert job.artefact is not None
    job.artefact.write_text("")


def test_pictures_lie_beside_the_record(start: Callable[..., list[Record]], tmp_path: Path) -> None:
    record, _ = start(pictured, seed=1)
    cell = tmp_path / "results/quick/toy_paper/records/only/exact/seed1/severity=1.json"
    [line] = collect([cell], tmp_path / "records.jsonl")
    assert line.picture("seed").tolist() == np.ones((2, 3, 4, 3)).tolist()
    assert line.record.pictures == record.pictures is not None
    assert record.identity() != start(pictured, seed=0)[0].identity()


def wrongly_pictured(job: Job[ToySettings]) -> Iterator[Result]:
    yield result(job.conditions[0], pictures={"seed": np.zeros((2, 3, 3))})


def unasked(job: Job[ToySettings]) -> Iterator[Result]:
    yield result({"severity": 7})


def twice(job: Job[ToySettings]) -> Iterator[Result]:
    yield result(job.conditions[0])
    yield result(job.conditions[0])


def of_another_type(job: Job[ToySettings]) -> Iterator[Result]:
    yield result({"severity": "1"})


def too_few(job: Job[ToySettings]) -> Iterator[Result]:
    yield result(job.conditions[0])


def not_a_number(job: Job[ToySettings]) -> Iterator[Result]:
    yield result(job.conditions[0], float("nan"))


def infinite(job: Job[ToySettings]) -> Iterator[Result]:
    yield result(job.conditions[0])
    yield result(job.conditions[1], float("inf"))


def without_artefact(job: Job[ToySettings]) -> Iterator[Result]:
    for condition in job.conditions:
        yield result(condition)


@pytest.mark.parametrize(
    ("entry", "sentence", "whole_records"),
    [
        (unasked, r"toy_entry yielded {'severity': 7}, which it was not asked for", 0),
        (of_another_type, r"yielded {'severity': '1'}, which it was not asked for", 0),
        (twice, r"yielded {'severity': 1}, which it .* had yielded", 1),
        (too_few, r"toy_entry ended without results for {'severity': 2}\.", 1),
        (not_a_number, r"toy_entry, exact, severity=1: 'metrics\.error_percent' is nan", 0),
        (infinite, r"exact, severity=2: 'metrics\.error_percent' is inf", 1),
        (wrongly_timed, r"exact, severity=1: 'cost\.parts\.un learning\.\[key\]' is 'un learning'", 0),
        (wrongly_pictured, r"exact, severity=1: the picture 'seed' is float64 \[2, 3, 3\]; hand over", 0),
        (timed_as_a_whole, r"'cost' is .* a part is called 'seconds', which is the time of the whole", 0),
        (without_artefact, r"ended without writing its artefact network\.txt", 2),
    ],
)
def test_an_entry_that_misbehaves_is_named_and_leaves_nothing_half_written(
    start: Callable[..., list[Record]], tmp_path: Path, entry: Run, sentence: str, whole_records: int
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        start(entry)
    left = files(tmp_path)
    assert left == {f"records/only/exact/seed0/severity={n + 1}.json" for n in range(whole_records)}
    for name in left:
        Record.model_validate_json((tmp_path / "results/quick/toy_paper" / name).read_text())


def test_a_crash_leaves_no_artefact(start: Callable[..., list[Record]], tmp_path: Path) -> None:
    def crashes(job: Job[ToySettings]) -> Iterator[Result]:
        assert job.artefact is not None
        job.artefact.write_text("half a netw")
        yield result(job.conditions[0])
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        start(crashes)
    assert files(tmp_path) == {"records/only/exact/seed0/severity=1.json"}


def test_a_crash_keeps_the_artefact_of_an_earlier_run(
    start: Callable[..., list[Record]], tmp_path: Path
) -> None:
    start()
    with pytest.raises(BadInputError):
        start(unasked)
    artefact = tmp_path / "results/quick/toy_paper/artefacts/only/exact/seed0/network.txt"
    assert artefact.read_text() == "network of seed 0"


def test_a_methods_own_artefact_is_what_it_reads(start: Callable[..., list[Record]]) -> None:
    methods: dict[str, Any] = {"exact": {}, "rough": {}}
    with pytest.raises(BadInputError, match=r"common\.runs toy_paper only exact --scale quick --seed 0$"):
        start(step="later", methods=methods)
    start(methods=methods)
    (record,) = start(step="later", methods=methods)
    assert record.inputs == {"only": hashlib.sha256(b"network of seed 0").hexdigest()}


def test_a_missing_artefact_names_the_command(start: Callable[..., list[Record]], tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError,
        match=r"later/exact at seed 0 needs .*network\.txt, which step 'only' makes\. "
        r"Type: python -m common\.runs toy_paper only exact --scale quick --seed 0$",
    ):
        start(step="later")
    assert files(tmp_path) == set()


def test_a_step_may_use_modules_of_the_track(
    start: Callable[..., list[Record]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "experiments/toy_track/baselines"
    folder.mkdir(parents=True)
    (folder / "halving.py").write_text("FACTOR = 0.5\n")
    module = types.ModuleType("experiments.toy_track.baselines.halving")
    module.__dict__.update(FACTOR=0.5)
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def entry(job: Job[ToySettings]) -> Iterator[Result]:
        yield from (result(condition, job.modules["halving"].FACTOR) for condition in job.conditions)
        assert job.artefact is not None
        job.artefact.write_text("")

    first, *_ = start(entry, uses=["halving"])
    assert first.metrics["error_percent"] == 0.5
    with pytest.raises(BadInputError, match=r"No method 'halvign' in experiments/toy_track/.*'halving'"):
        start(entry, uses=["halvign"])


def test_a_job_hangs_on_each_module_that_its_step_uses(tmp_path: Path) -> None:
    digests = set()
    for root, factor in ((tmp_path / "first", 0.5), (tmp_path / "second", 0.25)):
        (root / "experiments/toy_track/baselines").mkdir(parents=True)
        (root / "experiments/toy_track/toy_entry.py").write_text("")
        (root / "experiments/toy_track/baselines/halving.py").write_text(f"FACTOR = {factor}\n")
        for uses in ([], ["halving"]):
            spec = find_job(toy_config(uses=uses), "quick", "only", "exact", 0)
            digests.add(job_digest(spec, root))
    assert len(digests) == 3  # without it, both roots are alike


def test_an_unknown_setting_gets_a_suggestion(start: Callable[..., list[Record]], tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError,
        match=r"step only, method exact: unknown key 'facotr'\. Did you mean 'factor'",
    ):
        start(settings={"facotr": 1})
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["self_learnin", "adaptation", "ent"], "no paper 'self_learnin' under experiments/. Did you mean"),
        (["self_learning", "adaptation", "entt"], "no method 'entt'. Did you mean 'ent'"),
        (["self_learning", "adaptation", "ent", "--folder", "a=b"], "No folder called 'a' is used here"),
    ],
)
def test_the_command_ends_in_one_sentence(arguments: list[str], sentence: str) -> None:
    command = [sys.executable, "-m", "common.runs", *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: ")
    assert sentence in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
