"""How much shifts of an image change a network's answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Shift = tuple[int, int]


def all_shifts(side: int) -> list[Shift]:
    """Every circular shift of a square image but none at all, in pixels down and right."""
    return [(down, right) for down in range(side) for right in range(side) if (down, right) != (0, 0)]


def small_shifts(reach: int) -> list[Shift]:
    """Shifts by up to `reach` pixels either way, none at all included."""
    span = range(-reach, reach + 1)
    return [(down, right) for down in span for right in span]


def circular(images: Tensor, shift: Shift) -> Tensor:
    """Images `[batch, channels, h, w]`; what leaves on one side comes in on the other."""
    return images.roll(shift, dims=(2, 3))


def padded(images: Tensor, shift: Shift) -> Tensor:
    """The same, but zeros come in: standardised images have the mean colour there."""
    down, right = shift
    height, width = images.shape[2:]
    frame = F.pad(images, (abs(right),) * 2 + (abs(down),) * 2)
    top, left = abs(down) - down, abs(right) - right
    return frame[:, :, top : top + height, left : left + width]


@torch.no_grad()
def shifted_logits(network: nn.Module, images: Tensor, shifts: Iterable[Shift]) -> Iterator[Tensor]:
    """Logits `[n, classes]` under each circular shift, in evaluation mode."""
    network.eval()
    for shift in shifts:
        yield network(circular(images, shift))


@torch.no_grad()
def random_consistency(network: nn.Module, images: Tensor, how: str, generator: torch.Generator) -> float:
    """Percent of the images whose answer is the same under two shifts drawn for them.

    `circular` shifts are drawn from all; `padded` ones by up to an eighth of the side, as more would push
    the object out of view. Images are shifted one by one.
    """
    network.eval()
    side = images.shape[-1]
    move = circular if how == "circular" else padded
    bounds = (0, side) if how == "circular" else (-(side // 8), side // 8 + 1)
    answers = []
    for _ in range(2):
        drawn = torch.randint(*bounds, (len(images), 2), generator=generator).tolist()
        moved = [move(image[None], (down, right)) for image, (down, right) in zip(images, drawn, strict=True)]
        answers.append(network(torch.cat(moved)).argmax(dim=1))
    return float((answers[0] == answers[1]).double().mean() * 100)


def worst_shift_accuracy(network: nn.Module, images: Tensor, labels: Tensor, reach: int) -> float:
    """Percent of the images that are right under every circular shift by up to `reach` pixels."""
    right = torch.ones_like(labels, dtype=torch.bool)
    for logits in shifted_logits(network, images, small_shifts(reach)):
        right &= logits.argmax(dim=1) == labels
    return float(right.double().mean() * 100)
