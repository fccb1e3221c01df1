"""Frozen features: how they are normalised, and how those of a batch of episodes are gathered."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError, suggest
from experiments.few_shot.episodes import Episodes

Normalisation = Literal["raw", "unit", "centred_unit"]  # UN, L2N and CL2N of SimpleShot


class EpisodeBatch(NamedTuple):
    """Features of several tasks of one shape.

    Attributes:
        support: `[episodes, examples, dimension]`, class after class.
        labels: int64 `[examples]` in 0..ways-1, the same for every task.
        queries: `[episodes, questions, dimension]`.
    """

    support: Tensor
    labels: Tensor
    queries: Tensor


def normalised(features: Tensor, how: str, base_mean: Tensor) -> Tensor:
    """`[..., dimension]` as they are, of length one, or of length one around the mean feature of base images.

    Wang, Chao, Weinberger, van der Maaten: SimpleShot, 2019, arXiv 1911.04623. A feature of zeros stays so.
    Raises BadInputError for another word, and where a feature is not finite.
    """
    if how not in get_args(Normalisation):
        raise BadInputError(f"There are no '{how}' features.{suggest(how, get_args(Normalisation))}")
    if not torch.isfinite(features).all():
        raise BadInputError("Some features are not finite: training has diverged; lower its learning rate.")
    match how:
        case "unit":
            return F.normalize(features, dim=-1)
        case "centred_unit":
            return F.normalize(features - base_mean, dim=-1)
    return features


def gather(features: Tensor, episodes: Episodes, copies: Tensor | None = None) -> EpisodeBatch:
    """The features `[n, dimension]` of supports and queries.

    With `copies`, `[n, count, dimension]`, each support image is represented by the features of its
    augmented copies in place of its own.
    """
    ways = episodes.support.shape[1]
    support, queries = (
        places.to(features.device).flatten(1) for places in (episodes.support, episodes.queries)
    )
    represented = features[:, None] if copies is None else copies
    per_class = episodes.support.shape[2] * represented.shape[1]
    labels = torch.arange(ways, device=features.device).repeat_interleave(per_class)
    return EpisodeBatch(represented[support].flatten(1, 2), labels, features[queries])
