"""Benchmarks of the statistics, beside loops and scipy."""

from __future__ import annotations

import itertools

from common.benchmark.entries import Pair, Ways

RESAMPLES = 9999


def _bootstrap(values: int) -> Ways:
    import numpy as np
    from scipy.stats import bootstrap

    from common.stats.intervals import bootstrap_interval

    sample = np.random.default_rng(0).normal(size=values)

    def usual() -> list[float]:
        """The same resamples, of which the mean is taken one after the other."""
        found = bootstrap(
            (sample,),
            lambda resample: np.mean(resample),
            n_resamples=RESAMPLES,
            vectorized=False,
            rng=np.random.default_rng(1),
        ).confidence_interval
        return [float(found.low), float(found.high)]

    def ours() -> list[float]:
        interval = bootstrap_interval(sample, np.random.default_rng(1), resamples=RESAMPLES)
        return [interval.low, interval.high]

    return Ways(usual, ours)


def _sign_flips(pairs: int) -> Ways:
    import numpy as np

    from common.stats.paired import sign_flip_test

    first, second = np.random.default_rng(0).normal(0, 1, (2, pairs))
    differences = (first - second).tolist()

    def usual() -> float:
        seen = sum(differences) - 1e-9
        sums = [
            sum(sign * difference for sign, difference in zip(signs, differences, strict=True))
            for signs in itertools.product((1, -1), repeat=pairs)
        ]
        above, below = (sum(total >= seen for total in sums), sum(total <= seen + 2e-9 for total in sums))
        return float(min(1.0, 2 * min(above, below) / len(sums)))

    return Ways(usual, lambda: sign_flip_test(first, second).p_value)


def _paired_t(pairs: int) -> Ways:
    import numpy as np
    from scipy.stats import ttest_rel

    from common.stats.paired import paired_t_test

    first, second = np.random.default_rng(0).normal(0, 1, (2, pairs))
    return Ways(
        usual=lambda: float(ttest_rel(first, second).pvalue),
        ours=lambda: paired_t_test(first, second).p_value,
    )


BENCHMARKS = [
    Pair("bootstrap", "resample by resample", "all resamples", _bootstrap, [100], "values", tolerance=1e-9),
    Pair(
        "sign_flip_test",
        "pattern by pattern",
        "all patterns",
        _sign_flips,
        [14],
        "pairs",
        tolerance=1e-9,
        remark="ours is scipy's test, kept for its care with ties: the most pairs allowed take 0.1 s",
    ),
    Pair("paired_t_test", "scipy's ttest_rel", "the formula", _paired_t, [5], "seeds", tolerance=1e-12),
]
