"""Settings of stage 2, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from common.strict import StrictModel
from common.training.settings import DescentSettings
from experiments.novel_class_discovery.cr_kd_ncd.distillation import DistillationSettings
from experiments.novel_class_discovery.image_settings import ImageSettings, ObjectiveSettings


class DiscoverySettings(StrictModel):
    """How novel classes are looked for.

    Attributes:
        backbone: that of stage 1.
        objective: the baseline whose loss is minimised; `k_means` clusters the features of stage 1.
        learning: what the objective needs to know.
        distillation: what is added to its loss; null: nothing.
        training, training_rate: of stage 2, and its highest learning rate.
        heads: of novel classes, each with a hidden layer of `hidden` and `projected` outputs.
        assumed: so many novel classes are looked for, in place of as many as there are.
        jitter: brightness and contrast of a view change by up to this share.
        small_crops, small_side: small crops of each image, and their side in pixels.
        look_every: so many epochs lie between two looks at the class relation.
        drawn: test images of each class in the picture of the latent space, which the first seed has.
        chosen_on: what settings were chosen on.
    """

    data: ImageSettings
    backbone: str
    objective: Literal["uno", "auto_novel", "ncl", "k_means"]
    learning: ObjectiveSettings = ObjectiveSettings()
    distillation: DistillationSettings | None = None
    training: DescentSettings
    training_rate: float = Field(gt=0)
    heads: int = Field(ge=1)
    hidden: int = Field(ge=1)
    projected: int = Field(ge=1)
    assumed: int | None = Field(default=None, ge=1)
    jitter: float = Field(default=0.0, ge=0, lt=1)
    small_crops: int = Field(default=0, ge=0)
    small_side: int = Field(default=0, ge=0)
    look_every: int = Field(default=1, ge=1)
    drawn: int = Field(default=0, ge=0)
    chosen_on: str
