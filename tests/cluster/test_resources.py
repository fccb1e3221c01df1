"""What jobs ask for: by their scale, or as their step says; no record hangs on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from common.records.schema import Scale
from common.rules.resources import _has_gpu, job_resources
from common.runs.config import StepConfig
from common.runs.plan import JobSpec


def spec(scale: Scale, **resources: Any) -> JobSpec:
    step = StepConfig.model_validate({"entry": "module", "methods": {"method": {}}, "resources": resources})
    return JobSpec("track", "paper", scale, "step", "method", 0, step)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[bool]:
    """A machine with a GPU, or without one."""
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/nvidia-smi" if request.param else None)
    _has_gpu.cache_clear()
    yield bool(request.param)
    _has_gpu.cache_clear()


def test_a_step_says_what_its_scale_does_not() -> None:
    usual = job_resources(spec("full"))
    assert (usual.runtime, usual.mem_mb({}, 1)) == (1440, 16_000)
    asked = job_resources(spec("full", mem_mb=64_000, runtime=90))
    assert (asked.runtime, asked.mem_mb({}, 1)) == (90, 64_000)


def test_each_attempt_asks_for_more_memory() -> None:
    assert [job_resources(spec("quick")).mem_mb({}, attempt) for attempt in (1, 2, 3)] == [4000, 8000, 12000]


@pytest.mark.parametrize("machine", [False, True], indirect=True)
@pytest.mark.parametrize(
    ("scale", "asked", "wanted"), [("full", {}, 1), ("full", {"gpu": 0}, 0), ("quick", {}, 0)]
)
def test_gpus(machine: bool, scale: Scale, asked: dict[str, int], wanted: int) -> None:
    resources = job_resources(spec(scale, **asked))
    assert resources.gpu_on(SimpleNamespace(local_exec=False))({}) == wanted
    assert resources.gpu_on(SimpleNamespace(local_exec=True))({}) == (wanted if machine else 0)


def test_no_record_hangs_on_it() -> None:
    assert spec("full", mem_mb=64_000, gpu=0).config_slice() == spec("full").config_slice()
