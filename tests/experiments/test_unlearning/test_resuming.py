"""Every step that trains dies after some checkpoint and is run again: records and artefacts are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.checkpoints import VARIABLE, Checkpoints
from common.records.schema import Record
from common.runs.config import PaperConfig
from common.runs.execute import execute
from common.runs.plan import JobSpec, find_job, jobs
from tests.experiments.test_time_adaptation.project import REPOSITORY
from tests.experiments.test_unlearning.shadow_project import TRAINING, make_root
from tests.experiments.test_unlearning.test_selection_step import BILEVEL

RATIO = 0.2
JUDGED = {**TRAINING, "membership": {"per_class": 5}}
METHODS = {name: {"method": {"descent": {"epochs": 2, "batch_size": 9}}} for name in ("rl", "scrub")}
TRACK = "experiments.unlearning"
COMMON = {"datasets": ["fashion_mnist"]}
STEPS: dict[str, dict[str, Any]] = {
    "original": {
        "entry": f"{TRACK}.original",
        "methods": {"training": {}},
        "artefact": "original.pt",
        "settings": {**TRAINING, "early_epochs": 1},
    },
    "forget_sets": {
        "entry": f"{TRACK}.challenging_forgets.selection",
        "methods": {"selection": {}},
        "artefact": "forget_sets.npz",
        "needs": ["original"],
        "settings": {"data": TRAINING["data"], "bilevel": {**BILEVEL, "upper_iterations": 3}},
        "conditions": [{"forget_set": ["random", "tuning", "worst", "binary_start"], "ratio": [RATIO]}],
    },
    "retrain": {
        "entry": f"{TRACK}.retraining",
        "methods": {"retrain": {}},
        "artefact": "retrained.json",
        "needs": ["original", "forget_sets"],
        "settings": JUDGED,
        "conditions": [{"forget_set": ["random", "worst", "tuning"], "ratio": [RATIO]}],
    },
    "tuning": {
        "entry": f"{TRACK}.tuning",
        "method_modules": True,
        "artefact": "tuning.json",
        "needs": ["original", "forget_sets", "retrain"],
        "settings": {**JUDGED, "chosen_on": "random_set"},
        "conditions": [{"forget_set": ["tuning"], "ratio": [RATIO], "learning_rate": [0.001, 0.1]}],
        "methods": METHODS,
    },
    "references": {
        "entry": f"{TRACK}.unlearning",
        "method_modules": True,
        "needs": ["original", "forget_sets", "retrain"],
        "settings": JUDGED,
        "conditions": [{"forget_set": ["random", "worst"], "ratio": [RATIO]}],
        "methods": {"retrain_again": {}},
    },
    "shadows": {
        "entry": f"{TRACK}.shadows",
        "methods": {"training": {}},
        "artefact": "shadows.pt",
        "settings": {**TRAINING, "count": 6},
    },
    "leakage": {
        "entry": f"{TRACK}.leakage",
        "method_modules": True,
        "needs": ["forget_sets", "shadows"],
        "settings": {**TRAINING, "chosen_on": "random_set", "ratio": RATIO, "learning_rate": 0.05},
        "conditions": [{"targets": ["random", "worst"]}],
        "methods": METHODS,
    },
}
CONFIG = PaperConfig.model_validate(
    {
        "paper": "toy",
        "track": "unlearning",
        "scales": {
            "smoke": {"seeds": 1, "steps": {name: {**step, **COMMON} for name, step in STEPS.items()}}
        },
    }
)
PLANNED = [(spec.step, spec.method) for spec in jobs(CONFIG, "smoke")]


class KilledError(Exception):
    """Stands for the signal."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every job was run."""
    root = make_root(tmp_path_factory.mktemp("undisturbed"))
    for package in ("common", "experiments"):
        (root / package).symlink_to(REPOSITORY / package)
    for spec in jobs(CONFIG, "smoke"):
        execute(spec, CONFIG, root, {})
    assert not any(path.is_file() for path in (root / "results/smoke/toy").glob("checkpoints/**/*"))
    return root


def records(spec: JobSpec, root: Path) -> list[Record]:
    return [Record.model_validate_json((root / path).read_text()) for path in spec.records]


def left(spec: JobSpec, root: Path) -> list[Any]:
    """What must repeat: every record without cost and dates, and the bytes of the artefact."""
    artefact = (root / spec.artefact).read_bytes() if spec.artefact else b""
    return [*(record.identity() for record in records(spec, root)), artefact]


def start_and_die(spec: JobSpec, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the job until it has written one checkpoint."""
    write = Checkpoints._write

    def write_and_die(self: Checkpoints, name: str, content: dict[str, Any]) -> None:
        write(self, name, content)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoints, "_write", write_and_die)
        with pytest.raises(KilledError):
            execute(spec, CONFIG, root, {})


@pytest.mark.parametrize(("step", "method"), PLANNED)
def test_a_step_that_died_twice_leaves_the_same(
    undisturbed: Path, monkeypatch: pytest.MonkeyPatch, step: str, method: str
) -> None:
    spec = find_job(CONFIG, "smoke", step, method, 0)
    before = left(spec, undisturbed)
    monkeypatch.setenv(VARIABLE, "0")
    for _ in range(2):
        start_and_die(spec, undisturbed, monkeypatch)
    execute(spec, CONFIG, undisturbed, {})
    assert left(spec, undisturbed) == before
    assert records(spec, undisturbed)[-1].cost.resumed
    assert not (undisturbed / spec.checkpoints).exists()


def test_a_step_under_other_settings_starts_anew(
    undisturbed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = find_job(CONFIG, "smoke", "original", "training", 0)
    monkeypatch.setenv(VARIABLE, "0")
    start_and_die(spec, undisturbed, monkeypatch)
    settings = {**spec.config.settings, "training_rate": 0.05}
    other = JobSpec(**{**vars(spec), "config": spec.config.model_copy(update={"settings": settings})})
    execute(other, CONFIG, undisturbed, {})
    assert "made by other code, settings, data or libraries" in capsys.readouterr().err
    assert not records(other, undisturbed)[0].cost.resumed
    execute(spec, CONFIG, undisturbed, {})
