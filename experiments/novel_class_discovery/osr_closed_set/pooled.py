"""Step: closed-set accuracy and AUROC over the networks of all splits together."""

from __future__ import annotations

import json
from collections.abc import Iterator

from common.runs.job import Job, Result
from experiments.novel_class_discovery.osr_closed_set.correlation import Settings
from experiments.novel_class_discovery.osr_closed_set.facts import CorrelationFacts


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each score and kind of points, correlations with the bootstrap's interval over networks.

    Points: `all`, as they are; `within`, less the mean of their split; `best`, those of the most accurate
    networks of each split, less their mean.
    """
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.novel_class_discovery.osr_closed_set.linear_relation import bootstrap_pearson, relation
    from experiments.novel_class_discovery.osr_closed_set.network_points import (
        best_points,
        centred,
        read_points,
    )

    settings = job.settings
    (paths,) = job.gathered.values()
    judged = [json.loads(path.read_text()) for path in paths]
    for condition in job.conditions:
        splits = [read_points(each["cells"], settings.networks, str(condition["score"])) for each in judged]
        kinds = {
            "all": np.concatenate(splits),
            "within": np.concatenate([centred(points) for points in splits]),
            "best": np.concatenate([centred(best_points(points, settings.best)) for points in splits]),
        }
        points = kinds[str(condition["points"])]
        metrics = relation(points)
        chance = np.random.default_rng(stream_seed(job.seed, "bootstrap"))
        metrics["pearson_low"], metrics["pearson_high"] = bootstrap_pearson(points, chance)
        yield Result(
            condition,
            metrics,
            CorrelationFacts(
                dataset=judged[0]["dataset"],
                score=str(condition["score"]),
                networks=len(points),
                splits=len(splits),
                points=str(condition["points"]),
                deterministic=True,
            ),
        )
