"""Random views: of the right range, each image's own, and all chance from one generator."""

from __future__ import annotations

import pytest
import torch

from experiments.test_time_adaptation.views import Views
from tests.experiments.test_time_adaptation.online_methods import STANDARDISE


def standardised(count: int = 4) -> torch.Tensor:
    drawn = torch.randint(0, 256, (count, 16, 16, 3), generator=torch.Generator().manual_seed(0))
    return STANDARDISE(drawn.to(torch.uint8))


def views(seed: int = 0) -> Views:
    return Views(STANDARDISE, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", ["strong", "mixed"])
def test_views_are_images_and_hang_on_the_seed_alone(kind: str) -> None:
    def drawn(seed: int) -> torch.Tensor:
        made = views(seed)
        return made.strong(standardised()) if kind == "strong" else made.mixed(standardised(1), 5)

    found = drawn(0)
    pixels = views()._pixels(found)
    assert float(pixels.min()) >= -1e-5
    assert float(pixels.max()) <= 1 + 1e-5
    assert torch.equal(found, drawn(0))
    assert not torch.equal(found, drawn(1))


def test_images_get_draws_of_their_own() -> None:
    same = standardised(1).expand(3, -1, -1, -1)
    found = views().strong(same)
    assert not torch.equal(found[0], found[1])
    assert not torch.equal(found[1], found[2])


def test_an_even_image_keeps_its_shape_under_blur_and_turns() -> None:
    even = torch.full((3, 3, 16, 16), 0.5)
    made = views()
    torch.testing.assert_close(made._blurred(even, 0.5), even)
    torch.testing.assert_close(made._turned(even, 15, 1 / 8, 0.1), even)
    assert torch.equal(made._flipped(even), even)


def test_a_turn_by_nothing_is_the_image() -> None:
    pixels = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(views()._turned(pixels, 0, 0, 0), pixels)
