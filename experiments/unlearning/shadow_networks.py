"""Shadow networks: each has seen a random half of the training images, so that both sides can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from common.models.saving import save_tensors
from common.strict import BadInputError
from experiments.unlearning.settings import DataSettings
from experiments.unlearning.trained_model import State, fresh_network


@dataclass(frozen=True)
class ShadowNetworks:
    """Of `count` networks and n training images.

    Attributes:
        name: of the architecture.
        states: weights and statistics of each network.
        seen: bool `[count, n]`, whether the network was trained on the image.
        correct: bool `[count, n]`, whether it classifies the image correctly.
        margins: float64 `[count, n]`, its log odds of the true class.
    """

    name: str
    states: list[State]
    seen: Tensor
    correct: Tensor
    margins: Tensor

    def __len__(self) -> int:
        return len(self.states)

    def network(self, place: int, data: DataSettings, channels: int, device: torch.device) -> nn.Module:
        """A copy of one of them, in evaluation mode."""
        network = fresh_network(data, channels, 0, device)
        network.load_state_dict(self.states[place])
        return network.eval()

    def c_scores(self) -> Tensor:
        """The share of networks that classify an image correctly without having seen it, float64 `[n]`.

        A proxy, at subsets of one half alone, of Jiang et al. 2021, arXiv 2002.03206, who average over
        subsets of several sizes.
        """
        return self._accuracy(~self.seen)

    def memorisation(self) -> Tensor:
        """Accuracy on an image of the networks that saw it, less that of the others, float64 `[n]`.

        Feldman's mem(i), estimated on subsets of one half.
        """
        return self._accuracy(self.seen) - self.c_scores()

    def _accuracy(self, side: Tensor) -> Tensor:
        return (self.correct & side).sum(dim=0).double() / side.sum(dim=0)

    def save(self, path: Path) -> None:
        """Write tensors and plain values only, so that loading needs no pickled code."""
        save_tensors(vars(self), path)

    @classmethod
    def load(cls, path: Path, data: DataSettings, images: int) -> ShadowNetworks:
        """Read what `save` wrote; the weights stay on disk until they are used.

        Raises BadInputError where it holds another architecture than `data.network`, or networks of
        another number of training images than `images`.
        """
        saved = cls(**torch.load(path, weights_only=True, mmap=True))
        if saved.name != data.network or saved.seen.shape[1] != images:
            raise BadInputError(
                f"{path} holds shadows of {saved.name} and {saved.seen.shape[1]} training images, not of "
                f"{data.network} and {images}. Delete it and run the step that makes it again."
            )
        return saved


def random_halves(count: int, images: int, generator: torch.Generator) -> Tensor:
    """Who sees what, bool `[count, images]`: each image is in exactly half of the networks, chosen by itself.

    So no image lacks either side, however few networks there are; a network sees about half of the images.
    Exact halves, of networks in pairs that share the images out, would give the attacker a hint: what the
    two know of an image is opposed through all other images, and networks that forgot perfectly are told
    apart in 53 % of cases. Raises BadInputError where `count` is below 4 or odd, or there are fewer than 2
    images.
    """
    if count < 4 or count % 2 or images < 2:
        raise BadInputError(
            f"{count} shadow network(s) can't share {images} image(s) out in halves: "
            f"set 'count' to an even number, 4 or more, and 'images' to 2 or more."
        )
    order = torch.rand(count, images, generator=generator, dtype=torch.float64).argsort(dim=0)
    return order < count // 2
