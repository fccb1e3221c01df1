"""A feature set: the features of a pool to draw samples from, and of test images, in one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.few_shot.naive_bayes_vs_logistic.data_parts import DataSettings, test_part, training_part
from experiments.few_shot.naive_bayes_vs_logistic.facts import FeatureFacts
from experiments.few_shot.naive_bayes_vs_logistic.rules import Features, Labels

Images = NDArray[np.uint8]
Encoder = Callable[[Images], Features]  # of bytes [n, h, w, channels], float32 [n, d]


@dataclass(frozen=True)
class FeatureSet:
    """Float32 features `[n, d]`, int64 labels `[n]`, of the pool and of the test images, and their facts."""

    pool: Features
    pool_labels: Labels
    test: Features
    test_labels: Labels
    facts: FeatureFacts

    def save(self, path: Path) -> None:
        """Write arrays, and the facts as JSON."""
        parts = {name: getattr(self, name) for name in ("pool", "pool_labels", "test", "test_labels")}
        with path.open("wb") as file:
            np.savez(file, **parts, facts=np.array(self.facts.model_dump_json()))

    @classmethod
    def load(cls, path: Path) -> FeatureSet:
        """What `save` wrote, read once for all seeds of a process; its arrays are not to be written to."""
        return _read(path.resolve(), path.stat().st_mtime_ns)


@lru_cache(maxsize=8)  # a study has five, 150 MB at quick scale
def _read(path: Path, changed: int) -> FeatureSet:
    """Read it; `changed`, its time of change, tells the versions of a file apart."""
    with np.load(path, allow_pickle=False) as saved:
        arrays = {name: saved[name] for name in ("pool", "pool_labels", "test", "test_labels")}
        facts = FeatureFacts.model_validate_json(str(saved["facts"]))
    for array in arrays.values():
        array.flags.writeable = False
    return FeatureSet(**arrays, facts=facts)


def encode(
    job: Job[Any],
    data: DataSettings,
    encoder: Encoder,
    metrics: dict[str, float],
    **facts: Any,
) -> Result:
    """Encode pool and test images, keep them as the artefact, and tell what they are.

    Raises BadInputError where a feature is NaN or infinite.
    """
    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its features in: name it features.npz."
        )
    pool, pool_labels = training_part(data, data.pool_images, job.root)
    test, test_labels = test_part(data, job.root)
    encoded = [encoder(part).astype(np.float32) for part in (pool, test)]
    for name, part in zip(("pool", "test"), encoded, strict=True):
        if not np.isfinite(part).all():
            raise BadInputError(
                f"Step '{job.step}': features of {name} images are NaN or infinite; lower its learning rate."
            )
    described = FeatureFacts(
        dataset=data.dataset,
        features=job.step,
        feature_images=data.feature_images[1] - data.feature_images[0],
        dimension=encoded[0].shape[1],
        **{"resolution": pool.shape[1], **facts},
    )
    FeatureSet(encoded[0], pool_labels, encoded[1], test_labels, described).save(job.artefact)
    return Result(
        job.conditions[0], metrics={"dimension": float(described.dimension), **metrics}, protocol=described
    )
