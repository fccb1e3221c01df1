"""Whose artefacts a job reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common.runs.config import PaperConfig
from common.runs.inputs import gathered_jobs, jobs_by_name, needed_jobs
from common.runs.plan import JobSpec, find_job

METHODS: dict[str, Any] = {"ascent": {}, "distillation": {}}


def config() -> PaperConfig:
    """A network, what two methods choose for it, and three steps that read of both."""
    steps = {
        "original": {"entry": "e.original", "methods": {"training": {}}, "artefact": "network.pt"},
        "tuning": {
            "entry": "e.tuning",
            "methods": {**METHODS, "retraining": {}},
            "needs": ["original"],
            "artefact": "choice.json",
        },
        "unlearning": {"entry": "e.unlearning", "methods": METHODS, "needs": ["original", "tuning"]},
        "repeated": {
            "entry": "e.unlearning",
            "methods": METHODS,
            "needs": ["original"],
            "gathers": {"tuning": 2},
        },
        "compared": {"entry": "e.compared", "methods": {"distances": {}}, "gathers": {"original": 3}},
    }
    scales = {"quick": {"seeds": 3, "steps": steps}}
    return PaperConfig.model_validate({"paper": "toy_paper", "track": "toy_track", "scales": scales})


def job(step: str, method: str, seed: int = 0) -> JobSpec:
    return find_job(config(), "quick", step, method, seed)


def test_a_job_reads_what_its_own_method_or_the_only_one_left_at_its_seed() -> None:
    makers = needed_jobs(job("unlearning", "distillation", 2), config())
    assert makers == {
        "original": job("original", "training", 2),
        "tuning": job("tuning", "distillation", 2),
    }
    folder = Path("results/quick/toy_paper/artefacts")
    assert [maker.artefact for maker in makers.values()] == [
        folder / "original/training/seed2/network.pt",
        folder / "tuning/distillation/seed2/choice.json",
    ]


def test_a_job_gathers_the_first_seeds_whatever_its_own() -> None:
    last = job("repeated", "ascent", 2)
    assert gathered_jobs(last, config()) == {"tuning": [job("tuning", "ascent", seed) for seed in (0, 1)]}
    assert needed_jobs(last, config()) == {"original": job("original", "training", 2)}
    assert gathered_jobs(job("compared", "distances"), config()) == {
        "original": [job("original", "training", seed) for seed in (0, 1, 2)]
    }


def test_what_is_read_has_names_of_its_own() -> None:
    assert jobs_by_name(job("repeated", "ascent", 2), config()) == {
        "original": job("original", "training", 2),
        "tuning/seed0": job("tuning", "ascent", 0),
        "tuning/seed1": job("tuning", "ascent", 1),
    }


def test_a_first_step_reads_nothing() -> None:
    assert jobs_by_name(job("original", "training"), config()) == {}
