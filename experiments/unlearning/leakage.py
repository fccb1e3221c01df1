"""Step `leakage`: can an attacker tell what a network unlearned from what it has never seen?

U-LiRA: Hayes, Shumailov, Triantafillou, Khalifa, Papernot, Inexact Unlearning Needs More Careful Evaluations
to Avoid a False Sense of Privacy, SaTML 2025, arXiv 2403.01218. Each shadow network unlearns those of the
targets that it was trained on, by the method and settings under attack; the other targets it never saw. The
likelihood ratio of a target's margin under these two hypotheses is fitted on all shadow networks but one,
and calls the target in that one. Deviations: every shadow network is attacked in turn, none is kept for it
alone; both kinds of targets are unlearned together, so that one unlearning serves both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from common.checkpoints import Progress
from common.runs.job import Job, Result
from common.strict import StrictModel, validate
from common.training.settings import DescentSettings, Precision
from experiments.unlearning.protocol import SettingsChosenOn, TrainingFacts
from experiments.unlearning.settings import DataSettings, MethodSettings
from experiments.unlearning.unlearning import learning_rate

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from experiments.unlearning.shadow_networks import ShadowNetworks
    from experiments.unlearning.splits import Splits


class Settings(StrictModel):
    """The training is that of the shadow networks.

    Attributes:
        learning_rate: where it isn't chosen by a step of tuning.
        chosen_on: the forget set of that step.
        ratio: of the forget sets whose images are the targets. A shadow network forgets both together, so
            half of the ratio at which the method was tuned keeps the share of images that it forgets.
    """

    data: DataSettings
    training: DescentSettings
    training_rate: float = Field(gt=0)
    method: MethodSettings = MethodSettings()
    learning_rate: float | None = Field(default=None, gt=0)
    chosen_on: SettingsChosenOn = "given"
    ratio: float = Field(gt=0, lt=1)


class Attacked(StrictModel):
    """A condition: the forget set whose images are attacked."""

    targets: Literal["random", "worst"]


class LeakageFacts(TrainingFacts):
    """What was attacked, and with what; `training_images` are those of one shadow network, on average.

    `unlearning_precision` is that of the method's own descent; null for one that doesn't descend.
    """

    attack: Literal["u_lira"] = "u_lira"
    shadows: int
    targets: int
    unlearning_precision: Precision | None
    settings_chosen_on: SettingsChosenOn


def run(job: Job[Settings]) -> Iterator[Result]:
    """Unlearn in every shadow network, and yield how well each kind of target is told apart."""
    import torch

    from common.training.device import best_device
    from experiments.unlearning.attacks import attack_metrics
    from experiments.unlearning.forget_sets import ForgetSets
    from experiments.unlearning.session import artefact
    from experiments.unlearning.shadow_networks import ShadowNetworks
    from experiments.unlearning.splits import load_splits

    settings = job.settings
    rate = _learning_rate(job)
    splits = load_splits(settings.data, job.root, best_device())
    shadows = ShadowNetworks.load(artefact(job, "shadows.pt"), settings.data, len(splits.train))
    sets = ForgetSets.load(artefact(job, "forget_sets.npz"))
    kinds = [validate(Attacked, condition, f"Condition {condition}").targets for condition in job.conditions]
    places = {kind: torch.from_numpy(sets.places(kind, settings.ratio)) for kind in kinds}
    targets = torch.cat(list(places.values())).unique()

    def attacked(place: int) -> Tensor:
        def unlearn(progress: Progress) -> Tensor:
            network = _unlearned(job, splits, shadows, targets, place, rate, progress)
            return _margins(network, splits, targets)

        return job.checkpoints.kept(f"shadow {place}", unlearn)

    margins = torch.stack([attacked(place) for place in range(len(shadows))])
    for condition, kind in zip(job.conditions, kinds, strict=True):
        chosen = torch.isin(targets, places[kind])
        yield Result(
            condition=condition,
            metrics=attack_metrics(margins[:, chosen].numpy(), shadows.seen[:, targets[chosen]].numpy()),
            protocol=_facts(settings, splits, shadows, int(chosen.sum()), rate),
        )


def _learning_rate(job: Job[Any]) -> float | None:
    return learning_rate(job, job.implementation.LEARNS)  # type: ignore[union-attr]


def _unlearned(
    job: Job[Any],
    splits: Splits,
    shadows: ShadowNetworks,
    targets: Tensor,
    place: int,
    rate: float | None,
    progress: Progress,
) -> nn.Module:
    """A shadow network after it has unlearned those of the targets that it was trained on."""
    import torch

    from common.training.seeding import stream_seed
    from experiments.unlearning.task import Task
    from experiments.unlearning.trained_model import fresh_network

    settings, device = job.settings, splits.train.images.device
    seen = shadows.seen[place]
    is_target = torch.zeros_like(seen)
    is_target[targets] = True
    seed = stream_seed(job.seed, f"leakage/{place}")
    task = Task(
        original=shadows.network(place, settings.data, splits.channels, device),
        initialise=lambda stream: fresh_network(
            settings.data, splits.channels, stream_seed(seed, stream), device
        ),
        forget=splits.train.subset((seen & is_target).nonzero().flatten()),
        retain=splits.train.subset((seen & ~is_target).nonzero().flatten()),
        classes=settings.data.classes,
        settings=settings.method,
        learning_rate=rate,
        training=(settings.training, settings.training_rate),
        seed=seed,
        progress=progress,
    )
    network: nn.Module = job.implementation.unlearn(task)  # type: ignore[union-attr]
    return network


def _margins(network: nn.Module, splits: Splits, targets: Tensor) -> torch.Tensor:
    """Log odds of the true class of each target, float64 `[targets]`."""
    import torch

    from common.metrics.membership.margins import margins
    from common.training.descent import predict

    images = splits.train.subset(targets)
    return torch.from_numpy(margins(predict(network, images).cpu().numpy(), images.labels.cpu().numpy()))


def _facts(
    settings: Settings, splits: Splits, shadows: ShadowNetworks, targets: int, rate: float | None
) -> LeakageFacts:
    from experiments.unlearning.original import training_facts

    facts = training_facts(settings.data, settings.training, splits).model_dump()
    facts["training_images"] = len(splits.train) // 2
    chosen_on = "nothing_to_choose" if rate is None else settings.chosen_on
    descent = settings.method.descent
    return LeakageFacts(
        **facts,
        shadows=len(shadows),
        targets=targets,
        unlearning_precision=descent.precision if descent else None,
        settings_chosen_on=chosen_on,
    )
