"""Benchmarks of the attacks, beside loops over points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    from common.metrics.membership.arrays import Mask, Values

SHADOWS, CLASSES = 16, 10


def scores_point_by_point(phi: Values, unlearned: Mask, out: Mask) -> dict[tuple[int, int], float]:
    """(shadow, example) -> score, as `leave_one_shadow_out` defines it: each pair on its own."""
    shadows, examples = phi.shape
    scores: dict[tuple[int, int], float] = {}
    for attacked in range(shadows):
        kept = [
            [_others(phi, mask, attacked, example) for example in range(examples)]
            for mask in (unlearned, out)
        ]
        deviations = [_pooled_deviation(rows) for rows in kept]
        for example in range(examples):
            if unlearned[attacked, example] or out[attacked, example]:
                logs = [
                    _log_density(phi[attacked, example], rows[example], deviation)
                    for rows, deviation in zip(kept, deviations, strict=True)
                ]
                scores[attacked, example] = logs[0] - logs[1]
    return scores


def _others(phi: Values, mask: Mask, attacked: int, example: int) -> list[float]:
    """The margins under the hypothesis, without the attacked shadow or the next one after it."""
    after = [(attacked + step) % len(phi) for step in range(len(phi))]
    return [float(phi[shadow, example]) for shadow in after if mask[shadow, example]][1:]


def _pooled_deviation(rows: list[list[float]]) -> float:
    squares = sum(sum((value - sum(row) / len(row)) ** 2 for value in row) for row in rows)
    return math.sqrt(squares / sum(len(row) - 1 for row in rows))


def _log_density(value: float, row: list[float], deviation: float) -> float:
    distance = (value - sum(row) / len(row)) / deviation
    return -0.5 * (distance**2 + math.log(2 * math.pi)) - math.log(deviation)


def _likelihood_ratio(examples: int) -> Ways:
    import numpy as np

    from common.metrics.membership.likelihood_ratio import leave_one_shadow_out

    draws = np.random.default_rng(0)
    unlearned = draws.permuted(np.tile(np.arange(SHADOWS) % 2 == 0, (examples, 1)), axis=1).T
    phi = draws.normal(size=unlearned.shape) + unlearned

    def usual() -> list[float]:
        scores = scores_point_by_point(phi, unlearned, ~unlearned)
        return [scores[place] for place in sorted(scores)]

    return Ways(usual, lambda: leave_one_shadow_out(phi, unlearned, ~unlearned).scores)


def _margins(examples: int) -> Ways:
    import numpy as np

    from common.metrics.membership.margins import margins

    draws = np.random.default_rng(0)
    logits = draws.normal(0, 5, size=(examples, CLASSES))
    labels = draws.integers(CLASSES, size=examples)

    def usual() -> list[float]:
        found = []
        for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
            others = [value for place, value in enumerate(row) if place != label]
            highest = max(others)
            found.append(row[label] - highest - math.log(sum(math.exp(value - highest) for value in others)))
        return found

    return Ways(usual, lambda: margins(logits, labels))


def _population(per_class: int) -> Ways:
    import numpy as np
    from sklearn.svm import SVC

    from common.metrics.membership.population import membership_efficacy

    draws = np.random.default_rng(0)
    # Of a network that is sure of what it has seen, most confidences round to the same few numbers.
    members, others, asked = (draws.beta(a, 0.3, size=4 * per_class).astype(np.float32) for a in (9, 2, 4))

    def usual() -> float:
        generator = np.random.default_rng(1)
        seen, unseen = (
            generator.choice(side.astype(float), per_class, replace=False) for side in (members, others)
        )
        truth = [1] * per_class + [0] * per_class
        attack = SVC(C=3, gamma="auto").fit(np.concatenate([seen, unseen])[:, None], truth)
        called = [attack.predict([[float(confidence)]])[0] for confidence in asked]
        return 100 * called.count(0) / len(called)

    return Ways(
        usual, lambda: membership_efficacy(members, others, asked, np.random.default_rng(1), per_class)
    )


BENCHMARKS = [
    Pair("margins", "point by point", "whole array", _margins, [5000], "examples", tolerance=1e-9),
    Pair(
        "likelihood_ratio",
        "point by point",
        "shadow by shadow",
        _likelihood_ratio,
        [500],
        "examples",
        tolerance=1e-9,
    ),
    Pair(
        "population_attack",
        "scikit-learn, asked point by point",
        "each distinct confidence once",
        _population,
        [500],
        "a class",
        tolerance=1e-9,
        remark="fitting the classifier takes the same time in either way",
    ),
]
