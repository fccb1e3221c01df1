"""One score of one network: its metrics, and its histogram over known and over unknown images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.training.seeding import stream_seed
from experiments.novel_class_discovery.osr_closed_set.measures import accuracy, auroc, oscr
from experiments.novel_class_discovery.osr_closed_set.outputs import Floats, Outputs
from experiments.novel_class_discovery.osr_closed_set.scores import Question, scored
from experiments.novel_class_discovery.osr_closed_set.trained import Trained

BINS = 40


class Judged(NamedTuple):
    """The scores of known and unknown test images, and what they come to."""

    known: Floats
    unknown: Floats
    metrics: dict[str, float]


def judge(network: Trained, score: str, chosen: NDArray[np.bool_], seed: int) -> Judged:
    """Judge by all known test images and by the unknown ones that are `chosen`, `[n]`.

    Metrics, in percent: `closed_accuracy`; `auroc`; `oscr`; `gain_over_msp`, the AUROC less that of the
    maximum softmax probability; `validation_accuracy`, on images kept out of training, where there are any.
    """
    unknown = network.unknown.at(chosen)
    known_scores, unknown_scores = _scores(network, score, unknown, seed)
    correct = network.known.correct()
    area = auroc(known_scores, unknown_scores)
    metrics = {
        "closed_accuracy": accuracy(correct),
        "auroc": area,
        "oscr": oscr(known_scores, correct, unknown_scores),
        "gain_over_msp": area - auroc(*_scores(network, "msp", unknown, seed)),
    }
    if network.validation is not None:
        metrics["validation_accuracy"] = accuracy(network.validation.correct())
    return Judged(known_scores, unknown_scores, metrics)


def _scores(network: Trained, score: str, unknown: Outputs, seed: int) -> tuple[Floats, Floats]:
    known_chance, unknown_chance = (
        np.random.default_rng(stream_seed(seed, f"random score, {kind}")) for kind in ("known", "unknown")
    )
    return (
        scored(score, Question(network.known, network.training, known_chance)),
        scored(score, Question(unknown, network.training, unknown_chance)),
    )


def histogram(judged: Judged) -> dict[str, list[float]]:
    """Shares of known and of unknown images in bins of equal width over the scores of both, and the edges."""
    edges = np.histogram_bin_edges(np.concatenate([judged.known, judged.unknown]), BINS)
    shares = {
        f"{kind}_share": (np.histogram(scores, edges)[0] / len(scores)).tolist()
        for kind, scores in (("known", judged.known), ("unknown", judged.unknown))
    }
    return {"bin_edges": edges.tolist(), **shares}
