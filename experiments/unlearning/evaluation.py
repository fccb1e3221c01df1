"""What is measured of a network after unlearning: UA, MIA, RA and TA, as the paper defines them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

from common.metrics.membership.population import membership_efficacy
from common.metrics.unlearning import (
    UnlearningScores,
    average_gap,
    tug_of_war,
    tug_of_war_membership,
)
from common.training.descent import predict
from common.training.image_set import ImageSet
from common.training.seeding import stream_seed
from experiments.unlearning.settings import MembershipSettings
from experiments.unlearning.splits import Splits


@dataclass(frozen=True)
class Judged:
    """How a network does on each image of a set: whether `correct`, and with what `confidence`, `[n]`."""

    correct: Tensor
    confidence: Tensor

    @property
    def accuracy(self) -> float:
        """In percent."""
        return float(self.correct.double().mean() * 100)


def judge(network: nn.Module, images: ImageSet) -> Judged:
    """Where a network that diverged gives no numbers, it is wrong, and has no confidence."""
    logits = predict(network, images)
    finite = logits.isfinite().all(dim=1)
    probability = logits.double().softmax(dim=1).gather(1, images.labels[:, None]).squeeze(1)
    correct = finite & (logits.argmax(dim=1) == images.labels)
    return Judged(correct.cpu(), torch.where(finite, probability, 0.0).cpu())


def evaluate(
    network: nn.Module, splits: Splits, forget: Tensor, membership: MembershipSettings, seed: int
) -> UnlearningScores:
    """UA, MIA, RA and TA in percent; `forget` are places `[m]` among the training images.

    The attack is trained on retained and test images drawn at random, as many of each.
    """
    train, test = judge(network, splits.train), judge(network, splits.test)
    kept = torch.ones(len(splits.train), dtype=torch.bool)
    kept[forget] = False
    return UnlearningScores(
        unlearning_accuracy=100 - Judged(train.correct[forget], train.confidence).accuracy,
        membership_efficacy=membership_efficacy(
            members=train.confidence[kept].numpy(),
            non_members=test.confidence.numpy(),
            forget_set=train.confidence[forget].numpy(),
            generator=np.random.default_rng(stream_seed(seed, "membership")),
            per_class=min(membership.per_class, int(kept.sum()), len(splits.test)),
        ),
        retain_accuracy=Judged(train.correct[kept], train.confidence).accuracy,
        test_accuracy=test.accuracy,
    )


def compare(scores: UnlearningScores, retrained: UnlearningScores) -> dict[str, float]:
    """UA, MIA, RA, TA in percent; against Retrain, the average gap in points, ToW and ToW-MIA in [0, 1]."""
    return {
        **asdict(scores),
        "average_gap": average_gap(scores, retrained),
        "tow": tug_of_war(scores, retrained),
        "tow_mia": tug_of_war_membership(scores, retrained),
    }
