"""Settings that the steps of the track share, checked before anything heavy is imported."""

from __future__ import annotations

from pydantic import Field

from common.strict import StrictModel
from common.training.settings import DescentSettings


class DataSettings(StrictModel):
    """Which images, and which network classifies them.

    Attributes:
        images: the first so many training images are used; null: all.
        validation_share: of every class, kept out of training for validation.
        test_images: the first so many; null: all.
        margin: black pixels around an image from which random crops are drawn; 0: no augmentation.
    """

    dataset: str
    network: str
    classes: int = Field(ge=2)
    images: int | None = Field(default=None, ge=1)
    validation_share: float = Field(gt=0, lt=1)
    test_images: int | None = Field(default=None, ge=1)
    margin: int = Field(default=0, ge=0)


class MembershipSettings(StrictModel):
    """The membership attack: so many members and as many non-members train it (all there are, if fewer)."""

    per_class: int = Field(ge=5)


class MethodSettings(StrictModel):
    """What an unlearning method may be told, besides its learning rate.

    The defaults are those of the official code of Challenging Forgets, where it has any; the two switches
    that turn one of its defects back on are off.

    Attributes:
        descent: how it descends; null for a method that doesn't.
        layers: EU-k and CF-k learn the last so many convolutional or linear layers.
        penalty: weight of the l1 norm in l1-sparse unlearning, at the first epoch.
        ascent_epochs: SCRUB's epochs of maximisation; those of `descent` come after them.
        temperature: SCRUB's, of teacher and student.
        classification_weight, distillation_weight: SCRUB's, in its epochs of minimisation.
        sign_step: of the boundary search, as a share of the range of a pixel.
        mask_share: SalUn's share of weights that learn.
        any_label: RL and SalUn draw from all labels, the true one among them; else from the wrong ones.
        leaky_mask: SalUn masks gradients alone, so that weight decay and momentum move masked weights too.
    """

    descent: DescentSettings | None = None
    layers: int = Field(default=1, ge=1)
    penalty: float = Field(default=0.001, ge=0)
    ascent_epochs: int = Field(default=2, ge=0)
    temperature: float = Field(default=4.0, gt=0)
    classification_weight: float = Field(default=0.99, ge=0)
    distillation_weight: float = Field(default=0.001, ge=0)
    sign_step: float = Field(default=0.1, gt=0, le=1)
    mask_share: float = Field(default=0.5, gt=0, le=1)
    any_label: bool = False
    leaky_mask: bool = False
