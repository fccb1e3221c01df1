"""Energy from counters in files of our own, as Linux shows those of the processor packages."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from common.runs import energy
from common.runs.energy import EnergyMeter


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The one package of a machine; its core part must not be counted on top."""
    for name in ("intel-rapl:0", "intel-rapl:0:0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text("1000000\n")
        (tmp_path / name / "max_energy_range_uj").write_text("9000000\n")
    return tmp_path / "intel-rapl:0"


@pytest.fixture
def half_of_all_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clocks finds that this process worked one second more, the machine two."""
    own, everybody = iter(range(100)), iter(range(0, 200, 2))
    monkeypatch.setattr(time, "process_time", lambda: float(next(own)))
    monkeypatch.setattr(energy, "_processor_time", lambda: float(next(everybody)))


@pytest.mark.usefixtures("half_of_all_work")
def test_a_process_is_charged_its_share(package: Path) -> None:
    meter = EnergyMeter(package.parent)
    meter.start()
    (package / "energy_uj").write_text("5000000")
    assert meter.joules() == 2.0  # half of 4 J


@pytest.mark.usefixtures("half_of_all_work")
def test_a_counter_that_began_again_at_zero(package: Path) -> None:
    meter = EnergyMeter(package.parent)
    meter.start()
    (package / "energy_uj").write_text("500000")
    assert meter.joules() == 4.25  # half of 9 - 1 + 0.5 J


def test_a_machine_without_counters_says_nothing(tmp_path: Path) -> None:
    meter = EnergyMeter(tmp_path)
    meter.start()
    assert meter.joules() is None


def test_counters_that_cannot_be_read_say_nothing(package: Path) -> None:
    (package / "energy_uj").unlink()
    (package / "energy_uj").mkdir()
    meter = EnergyMeter(package.parent)
    meter.start()
    assert meter.joules() is None


def test_a_process_is_charged_no_more_than_all(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy, "_processor_time", lambda: 0.0)
    meter = EnergyMeter(package.parent)
    meter.start()
    (package / "energy_uj").write_text("5000000")
    assert meter.joules() == 4.0
