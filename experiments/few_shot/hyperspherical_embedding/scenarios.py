"""The two scenarios: new classes by themselves, and new beside old ones, and what is measured in each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Scores:
    """What test images score for classes; each draw of new classes' samples gives these vectors of their own.

    Attributes:
        old_by_old: of old classes' images for old classes, `[n, old]`.
        old_by_new: … for new classes, `[draws, n, new]`.
        new_by_old: of new classes' images for old classes, `[m, old]`.
        new_by_new: … for new classes, `[draws, m, new]`.
        old_labels: int64 `[n]`, from 0.
        new_labels: int64 `[m]`, from 0.
    """

    old_by_old: Tensor
    old_by_new: Tensor
    new_by_old: Tensor
    new_by_new: Tensor
    old_labels: Tensor
    new_labels: Tensor

    def metrics(self) -> dict[str, float]:
        """Percentages, each a mean over draws, and two mean scores.

        `old_accuracy`: before anything is added; `disjoint_accuracy`: among new classes; `joint_old` and
        `joint_new`: among all of them, with `joint_harmonic`, their harmonic mean, and `joint_accuracy`, of
        all images; `taken_for_old`: new classes' images that are given to an old class. `own_score`: of old
        classes' images for their class; `rival_score`: the best of theirs for a new one.
        """
        old_right = self.old_by_old.argmax(-1) == self.old_labels
        stays_old = self.old_by_old.amax(-1) >= self.old_by_new.amax(-1)
        old_kept, new_found = (old_right & stays_old).double(), self._new_found().double()
        joint_old, joint_new = old_kept.mean(-1), new_found.mean(-1)
        shares = {
            "old_accuracy": old_right.double(),
            "disjoint_accuracy": (self.new_by_new.argmax(-1) == self.new_labels).double(),
            "joint_old": joint_old,
            "joint_new": joint_new,
            "joint_harmonic": harmonic_mean(joint_old, joint_new),
            "joint_accuracy": torch.cat([old_kept, new_found], dim=-1),
            "taken_for_old": self._taken_for_old().double(),
        }
        percentages = {name: 100 * float(share.mean()) for name, share in shares.items()}
        own = self.old_by_old.gather(1, self.old_labels[:, None])
        rival = self.old_by_new.amax(-1)
        return {**percentages, "own_score": float(own.mean()), "rival_score": float(rival.mean())}

    def new_recalls(self) -> list[float]:
        """Of each new class: the percentage of its images that it gets among all classes."""
        found = self._new_found().double()
        return [100 * float(found[:, self.new_labels == label].mean()) for label in self.new_labels.unique()]

    def _taken_for_old(self) -> Tensor:
        """Bool `[draws, m]`; a tie goes to the old class."""
        return self.new_by_old.amax(-1) >= self.new_by_new.amax(-1)

    def _new_found(self) -> Tensor:
        """Bool `[draws, m]`: right among all classes."""
        return (self.new_by_new.argmax(-1) == self.new_labels) & ~self._taken_for_old()


def harmonic_mean(first: Tensor, second: Tensor) -> Tensor:
    """2ab / (a + b) of float64 shares of one shape, 0 where both are 0."""
    together = first + second
    return torch.where(together > 0, 2 * first * second / together.clamp_min(1e-300), 0.0)
