"""Accuracy of each episode, its mean, and the interval that few-shot papers print beside it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from common.strict import BadInputError
from experiments.few_shot.features import EpisodeBatch

Classify = Callable[[Tensor, Tensor, Tensor], Tensor]


def episode_accuracies(classify: Classify, batch: EpisodeBatch, questions_per_class: int) -> Tensor:
    """Share of queries classified correctly in each task, float64 `[episodes]` in 0..1."""
    scores = classify(batch.support, batch.labels, batch.queries)
    ways = scores.shape[-1]
    truth = torch.arange(ways, device=scores.device).repeat_interleave(questions_per_class)
    return (scores.argmax(dim=-1) == truth).double().mean(dim=-1)


def accuracy_metrics(accuracies: Tensor) -> dict[str, float]:
    """Mean in percent, with its standard error and half its 95 % interval over episodes.

    The half-width is the standard error times the 0.975 quantile of Student's t with n - 1 degrees of
    freedom, as in the official code of RFS. It says how well this network's accuracy is known, and nothing
    of others.
    Raises BadInputError for fewer than two episodes.
    """
    from scipy.special import stdtrit

    count = len(accuracies)
    if count < 2:
        raise BadInputError(f"{count} episode(s) have no standard error; raise 'episodes' to two or more.")
    error = 100 * float(accuracies.std(correction=1)) / count**0.5
    return {
        "accuracy": 100 * float(accuracies.mean()),
        "standard_error": error,
        "half_width": float(stdtrit(count - 1, 0.975)) * error,
    }
