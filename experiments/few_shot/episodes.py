"""Few-shot tasks, drawn all at once: which images of which classes are supports and queries."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from common.strict import BadInputError


@dataclass(frozen=True)
class EpisodeShape:
    """N-way K-shot with so many queries of each class."""

    ways: int
    shots: int
    queries: int


@dataclass(frozen=True)
class Episodes:
    """Tasks as places in one set of images, all int64.

    Attributes:
        classes: `[episodes, ways]`, without repetition inside a task.
        support: `[episodes, ways, shots]`, whose images are of `classes`.
        queries: `[episodes, ways, queries]`, none of them in the task's support.
    """

    classes: Tensor
    support: Tensor
    queries: Tensor

    def __len__(self) -> int:
        return len(self.classes)

    def first(self, count: int) -> Episodes:
        """The first so many tasks."""
        return Episodes(self.classes[:count], self.support[:count], self.queries[:count])


def sample_episodes(
    labels: Tensor, shape: EpisodeShape, episodes: int, generator: torch.Generator
) -> Episodes:
    """Draw tasks without replacement inside each: classes first, then images of every class.

    Args:
        labels: int64 `[n]`, the class of each image.
        shape: of a task.
        episodes: how many tasks.
        generator: on the CPU; all chance comes from it.

    Raises:
        BadInputError: for no episode, or where there are too few classes or images for the shape.
    """
    found, members = torch.unique(labels.cpu(), return_counts=True)
    _check(found, members, shape, episodes)
    keys = torch.rand(episodes, len(found), generator=generator)
    chosen = keys.argsort(dim=1)[:, : shape.ways]
    ranks = distinct_ranks(members[chosen], shape.shots + shape.queries, generator)
    # Images sorted by class: those of a class lie together, from its offset on.
    by_class = labels.cpu().argsort(stable=True)
    offsets = members.cumsum(0) - members
    places = by_class[offsets[chosen][..., None] + ranks]
    support, queries = places.split([shape.shots, shape.queries], dim=2)
    return Episodes(found[chosen], support, queries)


def distinct_ranks(sizes: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """So many different numbers below each size, in random order: int64 `[*sizes.shape, count]`.

    Floyd's algorithm (Bentley and Floyd, Communications of the ACM 30, 1987), every subset as likely: for
    j from n - k to n - 1, draw t from 0..j; take t, or j where t is taken. The loop is over k alone.
    """
    drawn = torch.empty(*sizes.shape, count, dtype=torch.int64)
    for place in range(count):
        last = sizes - count + place
        uniform = torch.rand(sizes.shape, generator=generator, dtype=torch.float64)
        candidate = (uniform * (last + 1)).long()
        taken = (drawn[..., :place] == candidate[..., None]).any(dim=-1)
        drawn[..., place] = torch.where(taken, last, candidate)
    # Floyd's subsets are uniform, their order is not, and the first ones become supports.
    order = torch.rand(drawn.shape, generator=generator).argsort(dim=-1)
    return drawn.gather(-1, order)


def _check(found: Tensor, members: Tensor, shape: EpisodeShape, episodes: int) -> None:
    if episodes < 1:
        raise BadInputError(f"{episodes} episodes have no mean accuracy; ask for at least one.")
    if min(shape.ways, shape.shots, shape.queries) < 1:
        raise BadInputError(
            f"An episode of {shape.ways} ways, {shape.shots} shots and {shape.queries} queries is empty; "
            "each must be at least one."
        )
    if shape.ways > len(found):
        raise BadInputError(
            f"{shape.ways}-way episodes can't be drawn from {len(found)} classes; lower 'ways'."
        )
    if shape.shots + shape.queries > int(members.min()):
        place = int(members.argmin())
        raise BadInputError(
            f"{shape.shots} shots and {shape.queries} queries need {shape.shots + shape.queries} images, but "
            f"class {int(found[place])} has {int(members[place])}; lower 'shots' or 'queries'."
        )
