from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from common.strict import BadInputError
from experiments.unlearning import overlap
from experiments.unlearning.forget_sets import ForgetSets
from tests.experiments.test_unlearning.shadow_project import DATA, RATIO, TRAIN, job, make_root

SETTINGS = overlap.Settings.model_validate({"data": DATA})
CONDITIONS: list[dict[str, str | int | float | bool]] = [{"forget_set": "worst", "ratio": RATIO}]


def test_pairs_of_seeds_are_compared(tmp_path: Path) -> None:
    """0-9, 5-14 and 10-19 share 5, none and 5 of 10; by chance 10 of the 54."""
    paths = []
    for seed in range(3):
        paths.append(tmp_path / f"{seed}.npz")
        ForgetSets({("worst", RATIO): np.arange(5 * seed, 5 * seed + 10)}).save(paths[-1])
    gathered = {"forget_sets": paths}
    (result,) = overlap.run(job(make_root(tmp_path), SETTINGS, CONDITIONS, gathered=gathered))
    assert result.metrics["overlap_percent"] == pytest.approx(100 / 3)
    assert result.metrics["chance_percent"] == pytest.approx(100 * 10 / TRAIN)
    assert result.curves == {"overlap": [50.0, 0.0, 50.0]}
    assert result.protocol.model_dump()["repetitions"] == 3


def test_one_repetition_has_no_overlap(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"gathered 1 file.* takes two"):
        list(overlap.run(job(tmp_path, SETTINGS, CONDITIONS, gathered={"a": [tmp_path / "0.npz"]})))
