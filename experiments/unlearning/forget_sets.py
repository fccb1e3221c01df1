"""Forget sets: places in the training set to forget, chosen by chance or by scores, and kept in a file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from common.strict import BadInputError, suggest

Indices = NDArray[np.int64]
Key = tuple[str, float]  # kind and ratio


def size_of(ratio: float, count: int) -> int:
    """How many of `count` to forget, at least 1; raises BadInputError for a ratio outside (0, 1)."""
    if not 0 < ratio < 1:
        raise BadInputError(f"The forget ratio is {ratio}; write a share between 0 and 1, such as 0.1.")
    return max(1, round(ratio * count))


def random(count: int, m: int, generator: torch.Generator) -> Tensor:
    """`m` of `count` places, ascending: the first of a permutation drawn from `generator`."""
    _check_size(m, count)
    return torch.randperm(count, generator=generator)[:m].sort().values


def tuning(count: int, m: int, generator: torch.Generator) -> Tensor:
    """`m` of `count` places to choose hyperparameters on: the last of the permutation.

    Disjoint from the `random` set of a generator in the same state, be that of the same size or another,
    as long as both fit; raises BadInputError where two sets of this size don't.
    """
    if 2 * m > count:
        raise BadInputError(
            f"A tuning set of {m} and a random set as large don't fit into {count} apart from each other. "
            f"Lower the forget ratio to 0.5 or less."
        )
    return torch.randperm(count, generator=generator)[count - m :].sort().values


def lowest(scores: Tensor, m: int) -> Tensor:
    """Places, ascending, of the `m` smallest of the scores `[n]`; of equal ones the first are taken."""
    _check_size(m, len(scores))
    if torch.isnan(scores).any():
        raise BadInputError("Some scores are not a number, so nothing can be ranked. Look into the losses.")
    return torch.argsort(scores.cpu(), stable=True)[:m].sort().values


def highest(scores: Tensor, m: int) -> Tensor:
    """Places, ascending, of the `m` largest of the scores `[n]`; of equal ones the first are taken."""
    return lowest(-scores, m)


def decided_by_order(scores: Tensor, m: int) -> float:
    """How many of the `m` lowest are in only for coming before an equal score that is out, in percent."""
    last = scores.sort().values[m - 1]
    below, equal = int((scores < last).sum()), int((scores == last).sum())
    return 100 * (m - below) / m if below + equal > m else 0.0


def class_balanced(weights: Tensor, labels: Tensor, m: int) -> Tensor:
    """Places, ascending, of the largest weights of every class: m / classes of each.

    What the division leaves goes to the classes whose next weight is the largest, one image each.
    Raises BadInputError where a class would have no image left.
    """
    weights, labels = weights.cpu(), labels.cpu()
    classes = labels.unique().tolist()
    quota, left = divmod(m, len(classes))
    taken, following = [], []
    for label in classes:
        members = (labels == label).nonzero().flatten()
        if len(members) <= quota:
            raise BadInputError(
                f"{quota} images of every class are to be forgotten, and class {label} has only "
                f"{len(members)}. Lower the forget ratio, or raise 'images'."
            )
        ranked = members[torch.argsort(weights[members], descending=True, stable=True)]
        taken.append(ranked[:quota])
        following.append(ranked[quota])
    nearest = torch.stack(following)
    best = torch.argsort(weights[nearest], descending=True, stable=True)[:left]
    return torch.cat([*taken, nearest[best]]).sort().values


def whole_class(labels: Tensor, label: int) -> Tensor:
    """Places, ascending, of all images of a class; raises BadInputError where there are none."""
    places = (labels.cpu() == label).nonzero().flatten()
    if not len(places):
        known = sorted(map(str, labels.unique().tolist()))
        raise BadInputError(f"No training image is of class {label}.{suggest(str(label), known)}")
    return places


def overlap(places: Tensor, others: Tensor) -> float:
    """How many of `places` are among `others` too, in percent."""
    return 100 * float(torch.isin(places, others).double().mean())


def check(forget: Tensor, labels: Tensor, whole_classes_allowed: bool) -> None:
    """Refuse a forget set, int64 places `[m]`, that no protocol of unlearning can use.

    Args:
        forget: the places to forget.
        labels: of all training images, `[n]`.
        whole_classes_allowed: whether all images of a class may be forgotten.

    Raises:
        BadInputError: for an empty set, places out of range or named twice, the whole training set, or all
            images of a class where single images are forgotten.
    """
    count = len(labels)
    _check_size(len(forget), count)
    outside = forget[(forget < 0) | (forget >= count)].tolist()
    if outside:
        raise BadInputError(
            f"The forget set names image {outside[0]}, but training images count from 0 to {count - 1}."
        )
    values, times = forget.unique(return_counts=True)
    if len(values) < len(forget):
        raise BadInputError(
            f"The forget set names image {int(values[times > 1][0])} twice; name each image once."
        )
    if not whole_classes_allowed:
        _check_no_whole_class(forget, labels)


def _check_no_whole_class(forget: Tensor, labels: Tensor) -> None:
    labels = labels.cpu()
    forgotten = torch.bincount(labels[forget.cpu()], minlength=int(labels.max()) + 1)
    whole = ((forgotten > 0) & (forgotten == torch.bincount(labels))).nonzero().flatten().tolist()
    if whole:
        raise BadInputError(
            f"The forget set holds all {int(forgotten[whole[0]])} images of class {whole[0]}, but single "
            f"images are forgotten here: a network that never saw a class can't be right about it. Lower "
            f"the forget ratio, raise 'images', or set 'class_wise' to forget classes."
        )


def _check_size(m: int, count: int) -> None:
    if not 0 < m < count:
        raise BadInputError(
            f"{m} of {count} can't be forgotten: forget one at least, and keep one. Change the forget ratio."
        )


@dataclass
class ForgetSets:
    """Forget sets by kind and ratio, with the weights that the worst-case search ended with.

    Attributes:
        sets: int64 places `[m]`.
        weights: ratio -> float64 `[n]`, the larger, the harder to forget; empty where nothing was searched.
    """

    sets: dict[Key, Indices] = field(default_factory=dict)
    weights: dict[float, NDArray[np.float64]] = field(default_factory=dict)

    def places(self, kind: str, ratio: float) -> Indices:
        """Int64 `[m]`; raises BadInputError with a suggestion where there is no such set."""
        kinds = {known for known, _ in self.sets}
        if kind not in kinds:
            raise BadInputError(f"There is no forget set '{kind}'.{suggest(kind, kinds)}")
        if (kind, ratio) not in self.sets:
            ratios = [repr(known) for other, known in self.sets if other == kind]
            raise BadInputError(
                f"There is no forget set '{kind}' of ratio {ratio}.{suggest(repr(ratio), ratios)} "
                f"Add the ratio to the conditions of the step that selects."
            )
        return self.sets[kind, ratio]

    def difficulty(self, ratio: float) -> NDArray[np.float64]:
        """Float64 `[n]`, of every training image; raises BadInputError where this ratio was not searched."""
        if ratio not in self.weights:
            raise BadInputError(
                f"The worst-case search was not run at ratio {ratio}."
                f"{suggest(repr(ratio), map(repr, self.weights))}"
            )
        return self.weights[ratio]

    def save(self, path: Path) -> None:
        """Write arrays alone: the same sets give the same bytes."""
        arrays: dict[str, Indices | NDArray[np.float64]] = {
            **{f"places {kind} {ratio!r}": places for (kind, ratio), places in self.sets.items()},
            **{f"weights {ratio!r}": weights for ratio, weights in self.weights.items()},
        }
        with path.open("wb") as file:  # given a name, numpy would add a suffix to it
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> ForgetSets:
        """Read what `save` wrote; raises BadInputError for a file that holds something else."""
        loaded = cls()
        try:
            # Opened here: numpy leaves a file open that is no archive.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                for name in arrays.files:
                    what, *kind, ratio = name.split()
                    if what == "places":
                        loaded.sets[kind[0], float(ratio)] = arrays[name]
                    else:
                        loaded.weights[float(ratio)] = arrays[name]
        except (ValueError, EOFError, IndexError, zipfile.BadZipFile) as error:
            raise BadInputError(
                f"{path} can't be read as forget sets ({error}). Delete it, and run the selection again."
            ) from None
        return loaded
