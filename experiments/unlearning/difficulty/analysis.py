"""Step `difficulty`: are the members of a forget set hard or easy, by the scores of the literature?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import StrictModel
from common.training.settings import DescentSettings
from experiments.unlearning.protocol import TrainingFacts
from experiments.unlearning.settings import DataSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from experiments.unlearning.session import Session
    from experiments.unlearning.shadow_networks import ShadowNetworks

PICTURES = 12  # shown of a set


class Settings(StrictModel):
    """What the original model was trained on, and how."""

    data: DataSettings
    training: DescentSettings


class DifficultyFacts(TrainingFacts):
    """The forget set, and how many networks tell its C-scores and memorisation."""

    forget_images: int
    shadows: int


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield where each forget set stands among all training images, by each score."""
    from experiments.unlearning.original import training_facts
    from experiments.unlearning.session import artefact, open_session
    from experiments.unlearning.shadow_networks import ShadowNetworks

    session = open_session(job)
    data, images = job.settings.data, len(session.splits.train)
    shadows = ShadowNetworks.load(artefact(job, "shadows.pt"), data, images)
    scores = _scores(session, shadows)
    facts = training_facts(data, job.settings.training, session.splits).model_dump()
    for condition in job.conditions:
        forget = session.forget(condition)
        correlations = _correlations(session, condition, scores) if _is_worst(condition) else {}
        yield Result(
            condition=condition,
            metrics={**_percentiles(forget, scores), **correlations},
            protocol=DifficultyFacts(**facts, forget_images=len(forget), shadows=len(shadows)),
            curves={name: _quantiles(values[forget]) for name, values in scores.items()},
            pictures={"members": _pictures(session, condition, forget)},
        )


def _scores(session: Session, shadows: ShadowNetworks) -> dict[str, Tensor]:
    """Name -> a score of each training image, `[n]`; EL2N and GraNd early, as their authors do."""
    from experiments.unlearning.difficulty.scores import (
        cross_entropy_loss,
        el2n,
        entropy,
        forgetting_events,
        grand,
    )

    images, network, early = (
        session.splits.train,
        session.original.network,
        session.original.early_network(),
    )
    return {
        "loss": cross_entropy_loss(network, images),
        "entropy": entropy(network, images),
        "el2n": el2n(early, images),
        "grand": grand(early, images),
        "forgetting_events": forgetting_events(session.original.correct),
        "c_score": shadows.c_scores(),
        "memorisation": shadows.memorisation(),
    }


def _percentiles(forget: Tensor, scores: Mapping[str, Tensor]) -> dict[str, float]:
    """The mean percentile rank of the members; 50 is where a random set is."""
    from experiments.unlearning.difficulty.ranks import percentile_ranks

    members = forget.numpy()
    return {
        f"{name}_percentile": float(percentile_ranks(values.numpy())[members].mean())
        for name, values in scores.items()
    }


def _correlations(
    session: Session, condition: Mapping[str, Scalar], scores: Mapping[str, Tensor]
) -> dict[str, float]:
    """Of the weights that the search for the worst case ended with, over all training images."""
    from experiments.unlearning.difficulty.ranks import rank_correlation

    weights = _weights(session, condition).numpy()
    return {
        f"{name}_rank_correlation": rank_correlation(weights, values.numpy())
        for name, values in scores.items()
    }


def _quantiles(values: Tensor) -> list[float]:
    """The minimum, 99 percentiles, and the maximum."""
    import numpy as np

    quantiles: list[float] = np.quantile(values.double().numpy(), np.linspace(0, 1, 101)).tolist()
    return quantiles


def _pictures(session: Session, condition: Mapping[str, Scalar], forget: Tensor) -> NDArray[np.uint8]:
    """Images of a few members, `[k, h, w]` or `[k, h, w, 3]`: the hardest to forget, or any."""
    import torch

    from common.training.seeding import generator

    if _is_worst(condition):
        order = torch.argsort(_weights(session, condition)[forget], descending=True, stable=True)
    else:
        order = torch.randperm(len(forget), generator=generator(session.job.seed, "difficulty/pictures"))
    chosen = session.splits.train.subset(forget[order[:PICTURES]])
    pictures: NDArray[np.uint8] = chosen.images.squeeze(-1).cpu().numpy()
    return pictures


def _weights(session: Session, condition: Mapping[str, Scalar]) -> Tensor:
    import torch

    return torch.from_numpy(session.forget_sets.difficulty(float(condition["ratio"])))


def _is_worst(condition: Mapping[str, Scalar]) -> bool:
    return condition["forget_set"] == "worst"
