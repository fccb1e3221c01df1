"""Anchoring: by hand, as a property of every shift, and of whole networks with random weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from common.strict import BadInputError
from experiments.architecture_comparison.polyphase_anchoring.anchoring import (
    DepthwisePosition,
    anchored,
    polyphase_energies,
)
from experiments.architecture_comparison.polyphase_anchoring.consistency import (
    all_shifts,
    circular,
    padded,
    random_consistency,
    shifted_logits,
    small_shifts,
    worst_shift_accuracy,
)
from experiments.architecture_comparison.polyphase_anchoring.methods import anchored_twins, anchored_vit
from experiments.architecture_comparison.shapes import ImageShape

SHAPE = ImageShape(channels=3, side=8, classes=5)
SIZE: dict[str, Any] = {"patch": 2, "width": 8, "depth": 2, "heads": 2}


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def vit(**changes: Any) -> nn.Module:
    torch.manual_seed(0)
    return anchored_vit.build(anchored_vit.Settings.model_validate(SIZE | changes), SHAPE).eval()


def twins(**changes: Any) -> nn.Module:
    torch.manual_seed(0)
    return anchored_twins.build(
        anchored_twins.Settings.model_validate(SIZE | {"window": 2} | changes), SHAPE
    ).eval()


@torch.no_grad()
def largest_change(network: nn.Module) -> float:
    images = noise(3, 3, 8, 8)
    return max(
        float((logits - network(images)).abs().max())
        for logits in shifted_logits(network, images, all_shifts(8))
    )


def test_by_hand() -> None:
    """Of a map of 4 x 4 with stride 2, component (1, 0) holds the 3: row 1 comes first."""
    maps = torch.zeros(1, 1, 4, 4)
    maps[0, 0, 3, 2], maps[0, 0, 0, 0] = 3.0, 2.0
    assert polyphase_energies(maps, 2).tolist() == [[[4.0, 0.0], [9.0, 0.0]]]
    assert torch.equal(anchored(maps, 2), maps.roll(-1, dims=2))


def test_the_anchor_may_be_seen_in_another_map() -> None:
    """A normalised map, whose components are equally strong, is anchored by what it was before."""
    before = noise(1, 2, 8, 8)
    normed = before / before.norm(dim=1, keepdim=True)
    energies = polyphase_energies(normed, 2)
    assert torch.allclose(energies, energies[:, :1, :1])
    shift = divmod(int(polyphase_energies(before, 2).flatten().argmax()), 2)
    expected = normed.roll((-shift[0], -shift[1]), (2, 3))
    assert torch.equal(anchored(normed, 2, strength=before), expected)


def test_every_map_of_a_batch_has_its_own_anchor() -> None:
    maps = noise(5, 3, 8, 8)
    alone = torch.cat([anchored(one[None], 4) for one in maps])
    assert torch.equal(anchored(maps, 4), alone)


@given(st.integers(0, 7), st.integers(0, 7), st.sampled_from([2, 4]))
@settings(max_examples=25, deadline=None)
def test_a_shift_becomes_one_by_a_multiple_of_the_stride(down: int, right: int, stride: int) -> None:
    maps = noise(1, 2, 8, 8)
    still, moved = anchored(maps, stride), anchored(maps.roll((down, right), (2, 3)), stride)
    multiples = [(i, j) for i in range(0, 8, stride) for j in range(0, 8, stride)]
    assert any(torch.equal(still.roll(by, (2, 3)), moved) for by in multiples)


def test_positions_by_convolution_keep_shifts() -> None:
    encode = DepthwisePosition(4)
    maps = noise(2, 4, 6, 6)
    assert torch.allclose(encode(maps.roll((2, 5), (2, 3))), encode(maps).roll((2, 5), (2, 3)), atol=1e-6)


@pytest.mark.parametrize("position", ["none", "depthwise"])
def test_no_circular_shift_changes_an_anchored_network(position: str) -> None:
    assert largest_change(vit(anchored=True, position=position)) < 1e-5
    assert largest_change(twins(anchored=True, position=position)) < 1e-5


@pytest.mark.parametrize(
    "changes", [{"anchored": False, "position": "none"}, {"anchored": True, "position": "absolute"}]
)
def test_without_one_of_the_two_shifts_change_it(changes: dict[str, Any]) -> None:
    """The property can fail: by patches that aren't anchored, and by absolute positions."""
    assert largest_change(vit(**changes)) > 1e-3
    assert largest_change(twins(**changes)) > 1e-3


def test_windows_alone_need_an_anchor() -> None:
    """With patches of one pixel nothing but windows and sub-sampling has a stride."""
    assert largest_change(twins(patch=1, anchored=False, position="none")) > 1e-4
    assert largest_change(twins(patch=1, anchored=True, position="none")) < 1e-5


def test_shifts() -> None:
    assert len(all_shifts(8)) == 63
    assert len(small_shifts(2)) == 25
    images = torch.arange(9.0).view(1, 1, 3, 3)
    assert circular(images, (1, 0))[0, 0].tolist() == [[6, 7, 8], [0, 1, 2], [3, 4, 5]]
    assert padded(images, (1, 0))[0, 0].tolist() == [[0, 0, 0], [0, 1, 2], [3, 4, 5]]
    assert padded(images, (-1, 2))[0, 0].tolist() == [[0, 0, 3], [0, 0, 6], [0, 0, 0]]
    assert torch.equal(padded(images, (0, 0)), images)


class TopLeft(nn.Module):
    """Says 1 where the first pixel is bright."""

    def forward(self, images: Tensor) -> Tensor:
        corner = images[:, 0, 0, 0]
        return torch.stack([1 - corner, corner], dim=1)


def test_an_answer_that_hangs_on_one_pixel_is_seldom_consistent() -> None:
    images = torch.zeros(200, 1, 4, 4)
    images[:, :, 0, 0] = 1.0
    labels = torch.ones(200, dtype=torch.long)
    assert worst_shift_accuracy(TopLeft(), images, labels, 0) == 100.0
    assert worst_shift_accuracy(TopLeft(), images, labels, 1) == 0.0
    found = random_consistency(TopLeft(), images, "circular", torch.Generator().manual_seed(0))
    assert abs(found - 100 * (1 - 2 * 15 / 256)) < 8  # both hit, or neither does


def test_what_does_not_divide_is_refused() -> None:
    with pytest.raises(BadInputError, match="A map's side of 4 can't be split by 'window' 3"):
        twins(window=3, anchored=True, position="none")
    with pytest.raises(BadInputError, match="A width of 8 can't be split by 'heads' 3"):
        vit(heads=3, anchored=True, position="none")
    with pytest.raises(BadInputError, match="can't be cut into patches of 3"):
        vit(patch=3, anchored=True, position="none")
