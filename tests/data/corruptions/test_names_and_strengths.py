from __future__ import annotations

import subprocess
import sys

import pytest

from common.data.corruptions import ALL_CORRUPTIONS, CORRUPTIONS, DEVELOPMENT_CORRUPTIONS, SEVERITIES
from common.data.corruptions.strengths import strength, table
from common.data.corruptions.zooming import zoom_factors
from common.strict import BadInputError

# Typed anew from make_cifar_c.py: the values of each function at severity 5, in the order of its code.
AT_SEVERITY_5 = {
    "gaussian_noise": [0.1],
    "shot_noise": [50],
    "impulse_noise": [0.07],
    "defocus_blur": [1.5, 0.1],
    "glass_blur": [0.4, 1, 2],
    "motion_blur": [9, 2.5],
    "zoom_blur": [1.26],
    "snow": [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
    "frost": [0.75, 0.45],
    "fog": [1.5, 1.75],
    "brightness": [0.3],
    "contrast": [0.15],
    "elastic_transform": [0.1, 0.03, 0.03],
    "pixelate": [0.65],
    "jpeg_compression": [40],
    "speckle_noise": [0.2],
    "gaussian_blur": [1],
    "spatter": [0.65, 0.1, 0.5, 0.68, 0.6, 1],
    "saturate": [2.5, 0.2],
}


def test_fifteen_are_evaluated_and_four_kept_for_development() -> None:
    assert len(CORRUPTIONS) == 15
    assert len(DEVELOPMENT_CORRUPTIONS) == 4
    assert len(set(ALL_CORRUPTIONS)) == 19
    assert CORRUPTIONS[0] == "gaussian_noise"
    assert CORRUPTIONS[-1] == "jpeg_compression"


def test_names_are_had_without_numpy() -> None:
    code = "import sys, common.data.corruptions; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_corruption_has_strengths_and_a_source() -> None:
    assert tuple(table()) == ALL_CORRUPTIONS
    assert all(entry.source.startswith("make_cifar_c.py") for entry in table().values())


@pytest.mark.parametrize("corruption", ALL_CORRUPTIONS)
def test_strengths_at_severity_5(corruption: str) -> None:
    assert list(strength(corruption, 5).values()) == AT_SEVERITY_5[corruption]


def test_severities_pick_their_own_column() -> None:
    assert [strength("shot_noise", s)["photons"] for s in SEVERITIES] == [500, 250, 100, 75, 50]
    assert [strength("contrast", s)["factor"] for s in SEVERITIES] == [0.75, 0.5, 0.4, 0.3, 0.15]


def test_round_off_decides_the_number_of_zooms() -> None:
    counts = [len(zoom_factors(strength("zoom_blur", s)["stop"])) for s in SEVERITIES]
    assert counts == [7, 12, 16, 21, 26]


def test_a_misspelt_name_is_answered_with_the_closest() -> None:
    with pytest.raises(BadInputError, match=r"no corruption 'foog'\. Did you mean 'fog'\?"):
        strength("foog", 1)


@pytest.mark.parametrize("severity", [0, 6, -1])
def test_a_severity_that_does_not_exist_is_told(severity: int) -> None:
    with pytest.raises(BadInputError, match=r"Give 1 \(mildest\) to 5"):
        strength("fog", severity)
