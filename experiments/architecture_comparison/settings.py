"""Settings that the steps of the track share, checked before anything heavy is imported."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from common.records.schema import Name
from common.strict import StrictModel
from common.training.settings import DescentSettings


class DataSettings(StrictModel):
    """Which images are trained on, chosen with and tested on.

    Attributes:
        dataset: a prepared data set or, read from a `folder`, the name that the user gives with its path.
        images: so many training images, drawn by the seed; null: all that may be trained on.
        validation: the last so many training images, which learning rates are chosen with.
        keep_validation: leave these out of the training that is tested, too.
        test_images: the first so many; null: all.
        border: black pixels added on every side first, as 28 pixels become 32 with 2.
        side: images are reduced to so many pixels by averaging; null: as they are.
    """

    dataset: str
    source: Literal["prepared", "folder"] = "prepared"
    images: int | None = Field(default=None, ge=2)
    validation: int = Field(default=0, ge=0)
    keep_validation: bool = True
    test_images: int | None = Field(default=None, ge=1)
    border: int = Field(default=0, ge=0)
    side: int | None = Field(default=None, ge=4)


class RecipeSettings(DescentSettings):
    """One way of training, for every network of a table; its learning rate is another matter.

    Attributes:
        name: how tables and protocol facts call it.
        optimiser: AdamW (Loshchilov and Hutter 2019), SGD, AdaDelta (Zeiler 2012), or LAMB (You et al. 2020).
        label_smoothing: Szegedy et al. 2016.
        margin: black pixels around an image from which random crops are drawn, with flips; 0: neither.
        mixup, cutmix: parameters of the Beta distributions of Zhang et al. 2018 and Yun et al. 2019, one of
            the two for each batch with equal chances; 0: never.
        random_augment: RandAugment (Cubuk et al. 2020), `rand-m9-mstd0.5-inc1` in timm's words.
        erasing: chance of random erasing (Zhong et al. 2020), filled with noise.
        drop_path: rate of stochastic depth (Huang et al. 2016) of the last block, for networks that have it.
        largest_gradient: norm to which longer gradients of all parameters are cut (Pascanu et al. 2013);
            null: none are.
        falls: shares of the training after each of which the learning rate is a tenth of what it was.
        no_decay_of_vectors: leave biases, normalisations, positions and tokens out of weight decay.
    """

    name: Name
    optimiser: Literal["adamw", "sgd", "adadelta", "lamb"] = "adamw"
    schedule: Literal["constant", "linear", "cosine"] = "cosine"
    weight_decay: float = Field(default=0.05, ge=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    margin: int = Field(default=0, ge=0)
    mixup: float = Field(default=0.0, ge=0)
    cutmix: float = Field(default=0.0, ge=0)
    random_augment: bool = False
    erasing: float = Field(default=0.0, ge=0, le=1)
    drop_path: float = Field(default=0.0, ge=0, lt=1)
    largest_gradient: float | None = Field(default=None, gt=0)
    falls: list[float] = []
    no_decay_of_vectors: bool = True


class ComparisonSettings(StrictModel):
    """Networks of one architecture, and what they are trained on.

    Attributes:
        networks: name -> what the architecture's own `Settings` say; conditions pick them by `network`.
        largest_parameters: more than so many are refused, so that a table's match can't slip.
    """

    data: DataSettings
    recipe: RecipeSettings
    networks: dict[Name, dict[str, Any]] = Field(min_length=1)
    largest_parameters: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _flips_need_images_that_may_be_mirrored(self) -> ComparisonSettings:
        if self.data.dataset == "mnist" and self.recipe.margin:
            raise ValueError("'margin' mirrors images, and a mirrored digit is none; set it to 0 for mnist")
        return self
