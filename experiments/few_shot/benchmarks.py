"""Benchmarks of base learners on cached features, beside scikit-learn's `fit` for each episode in turn.

And of Omniglot's classes, beside one drawing after another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from experiments.few_shot.features import EpisodeBatch

DIMENSION = 640  # of ResNet-12's features
CLASSES, PER_CLASS = 20, 600  # novel classes of CIFAR-FS
SHAPE = (5, 5, 15)  # ways, shots, queries


def cached_episodes(episodes: int) -> EpisodeBatch:
    """Episodes of made-up features of length one, of which a few in ten are hard to tell apart."""
    import torch
    from torch.nn import functional as F

    from experiments.few_shot.episodes import EpisodeShape, sample_episodes
    from experiments.few_shot.features import gather

    draws = torch.Generator().manual_seed(0)
    labels = torch.arange(CLASSES).repeat_interleave(PER_CLASS)
    centres = torch.randn(CLASSES, DIMENSION, generator=draws)[labels]
    features = F.normalize(0.15 * centres + torch.randn(len(labels), DIMENSION, generator=draws), dim=-1)
    drawn = sample_episodes(labels, EpisodeShape(*SHAPE), episodes, draws)
    return gather(features, drawn)


def _nearest_class_mean(episodes: int) -> Ways:
    from sklearn.neighbors import NearestCentroid

    from experiments.few_shot.baselines.nearest_class_mean import classify

    batch = cached_episodes(episodes)

    def usual() -> list[list[int]]:
        tasks = zip(batch.support.numpy(), batch.queries.numpy(), strict=True)
        labels = batch.labels.numpy()
        return [NearestCentroid().fit(support, labels).predict(asked).tolist() for support, asked in tasks]

    return Ways(usual, lambda: classify(*batch).argmax(-1).tolist())


def _logistic_regression(episodes: int) -> Ways:
    from sklearn.linear_model import LogisticRegression

    from experiments.few_shot.baselines.logistic_regression import classify

    batch = cached_episodes(episodes)

    def usual() -> list[NDArray[np.float64]]:
        """Probabilities, fitted as in the official code of RFS."""
        tasks = zip(batch.support.numpy(), batch.queries.numpy(), strict=True)
        labels = batch.labels.numpy()
        learner = LogisticRegression(C=1.0, solver="lbfgs", max_iter=1000)
        return [learner.fit(support, labels).predict_proba(asked) for support, asked in tasks]

    return Ways(usual, lambda: list(classify(*batch).softmax(-1).numpy()))


def drawings(characters: int) -> NDArray[np.bool_]:
    """`[characters, 20, 105, 105]`, one pixel of ten of them ink."""
    import numpy as np

    return np.random.default_rng(0).random((characters, 20, 105, 105)) < 0.1


def _turned_and_nearest(characters: int) -> Ways:
    import numpy as np
    from PIL import Image

    from experiments.few_shot.omniglot import TURNS, resampled, turned

    whole = drawings(characters)

    def small(bits: NDArray[np.bool_], turn: int) -> NDArray[np.uint8]:
        picture = Image.fromarray(bits).rotate(90 * turn).resize((28, 28))
        return np.asarray(picture, dtype=np.uint8) * np.uint8(255)

    def usual() -> NDArray[np.uint8]:
        turns = range(TURNS)
        return np.stack([[[small(bits, turn) for bits in every] for turn in turns] for every in whole])

    return Ways(usual, lambda: turned(resampled(whole, 28, "nearest")))


def _area(characters: int) -> Ways:
    import cv2
    import numpy as np

    from experiments.few_shot.omniglot import Omniglot

    whole = drawings(characters)
    omniglot, places = Omniglot([""] * characters, whole, whole[:0]), np.arange(characters)

    def small(bits: NDArray[np.bool_]) -> NDArray[np.uint8]:
        return cv2.resize(bits.astype(np.uint8) * 255, (28, 28), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]

    def usual() -> NDArray[np.uint8]:
        return np.stack([[small(bits) for bits in every] for every in whole])

    return Ways(usual, lambda: omniglot.pictures(places, 28, "area"))


BENCHMARKS = [
    Pair(
        "omniglot_turned_classes",
        "Pillow's rotate and resize, drawing by drawing",
        "one index of all drawings, then views",
        _turned_and_nearest,
        [100],
        "characters of 20 drawings",
    ),
    Pair(
        "omniglot_area",
        "OpenCV's INTER_AREA, drawing by drawing",
        "two products with the overlaps of pixels, 5 characters at a time",
        _area,
        [100],
        "characters of 20 drawings",
        tolerance=1.0,  # OpenCV rounds twice
        remark="OpenCV's loop is compiled; only its call is repeated. A product multiplies by zeros, too.",
    ),
    Pair(
        "nearest_class_mean",
        "scikit-learn's NearestCentroid, episode by episode",
        "all episodes at once",
        _nearest_class_mean,
        [600],
        "5-way 5-shot episodes",
    ),
    Pair(
        "few_shot_logistic_regression",
        "scikit-learn's LogisticRegression, episode by episode",
        "Newton's method in the span of the support, all episodes at once",
        _logistic_regression,
        [600],
        "5-way 5-shot episodes",
        # Of probabilities: scikit-learn stops where no gradient is above 1e-4 of its mean loss, ours later.
        tolerance=2e-3,
    ),
]
