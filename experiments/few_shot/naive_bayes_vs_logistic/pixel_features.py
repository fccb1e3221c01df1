"""Steps of features without a network: raw pixels, or their principal components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.few_shot.naive_bayes_vs_logistic.data_parts import DataSettings, training_part

if TYPE_CHECKING:
    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import Encoder, Images
    from experiments.few_shot.naive_bayes_vs_logistic.rules import Features


class Settings(StrictModel):
    """The images, and the number of principal components; null: the pixels themselves."""

    data: DataSettings
    components: int | None = Field(default=None, ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Keep the features of the pool and of the test images as the artefact."""
    from experiments.few_shot.naive_bayes_vs_logistic.feature_sets import encode

    data, components = job.settings.data, job.settings.components
    if components is None:
        yield encode(job, data, pixels, {}, learned_from="nothing", outside_data=False)
        return
    images, _ = training_part(data, data.feature_images, job.root)
    encoder, explained = principal_components(images, components)
    metrics = {"explained_variance_percent": explained}
    yield encode(job, data, encoder, metrics, learned_from="images", outside_data=False)


def pixels(images: Images) -> Features:
    """Bytes `[n, h, w, channels]` as float32 `[n, h * w * channels]` in [0, 1]."""
    flat: Features = images.reshape(len(images), -1).astype("float32") / 255
    return flat


def principal_components(images: Images, components: int) -> tuple[Encoder, float]:
    """The projection on the directions of most variance, and the percentage of it that they hold.

    Each direction's largest entry is positive: otherwise its sign would be the library's whim.
    """
    import numpy as np

    flat = pixels(images)
    if components > flat.shape[1]:
        raise BadInputError(f"Images of {flat.shape[1]} pixels don't have {components} principal components.")
    mean = flat.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(flat.T))
    chosen = directions[:, ::-1][:, :components]
    largest = np.abs(chosen).argmax(axis=0)
    chosen = chosen * np.sign(chosen[largest, np.arange(components)])
    explained = 100 * variances[::-1][:components].sum() / variances.sum()
    return lambda others: (pixels(others) - mean) @ chosen, float(explained)
