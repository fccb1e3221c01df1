"""Benchmarks of the search: trials that are trained side by side, beside one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROWS, FEATURES, CLASSES, STEPS = 2048, 16, 5, 10


def _trials(count: int) -> Ways:
    import numpy as np

    from experiments.novel_class_discovery.tabular_ncd.encoders import encoded
    from experiments.novel_class_discovery.tabular_ncd.projection import train_projection
    from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, TrainingSettings
    from experiments.novel_class_discovery.tasks import Task

    generator = np.random.default_rng(0)
    rows = generator.normal(size=(ROWS, FEATURES)).astype(np.float32)
    task = Task(rows, np.arange(ROWS) % CLASSES, rows[:100], rows[:100])
    settings = TrainingSettings(most_steps=STEPS)
    trial = {"learning_rate": 0.001, "dropout": 0.1, "latent_size": 11.0, "classification_weight": 0.5}
    trials: list[Hyperparameters] = [
        {**trial, "learning_rate": 0.001 * (1 + place)} for place in range(count)
    ]

    def latents(of: Sequence[Hyperparameters]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = encoded(train_projection(task, of, True, settings, 0), rows).numpy()
        return found

    return Ways(lambda: np.concatenate([latents([trial]) for trial in trials]), lambda: latents(trials))


BENCHMARKS = [
    Pair(
        "trials_side_by_side",
        "a training of PBN after the other",
        "all trainings in one loop",
        _trials,
        [4],
        "trials",
        tolerance=1e-3,
        remark="A batch of 512 keeps a processor at work by itself already; what is saved is calls.",
    )
]
