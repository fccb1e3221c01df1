"""Settings of this paper's steps, checked before anything heavy is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.strict import StrictModel
from common.training.settings import DescentSettings
from experiments.novel_class_discovery.gcd_images import GcdSettings

if TYPE_CHECKING:
    from experiments.novel_class_discovery.gmm_gcd.estimation import Rules


class NetworkSettings(StrictModel):
    """The network: a name of the registry, or of a vision transformer of timm's.

    Attributes:
        hidden, projected: widths of the projection head.
    """

    backbone: str
    hidden: int = Field(ge=1)
    projected: int = Field(ge=1)


class ContrastSettings(StrictModel):
    """L = (1 - λ) L_u + λ L_s: λ, and the temperatures of both."""

    labelled_share: float = Field(ge=0, le=1)
    temperature: float = Field(gt=0)
    labelled_temperature: float = Field(gt=0)

    @property
    def weights(self) -> tuple[float, float, float]:
        """In the order of `contrastive.discovery_contrast`."""
        return self.labelled_share, self.temperature, self.labelled_temperature


class LearningSettings(StrictModel):
    """Images, network, losses and training of a step that learns features with and without labels."""

    data: GcdSettings
    network: NetworkSettings
    contrast: ContrastSettings
    training: DescentSettings
    learning_rate: float = Field(gt=0)


class MixtureSettings(StrictModel):
    """How clusters are found.

    Attributes:
        relative_scale: of the prior's Ψ, as a multiple of the features' mean variance.
        assignment: by the posterior of Gaussians, or by the nearest mean.
        moves: split and merge.
        acceptance: by the Hastings ratio, or by the released code's coin.
        known_too, absorbing: see `estimation.Rules`.
    """

    relative_scale: float = Field(gt=0)
    assignment: Literal["gaussian", "nearest_mean"] = "gaussian"
    moves: bool = True
    acceptance: Literal["metropolis", "coin"] = "metropolis"
    known_too: bool = False
    absorbing: bool = False

    def rules(self) -> Rules:
        """As the E-step takes them."""
        from experiments.novel_class_discovery.gmm_gcd.estimation import Rules

        return Rules(self.assignment, self.moves, self.acceptance, self.known_too, self.absorbing)
