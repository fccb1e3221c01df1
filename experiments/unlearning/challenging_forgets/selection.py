"""Step `forget_sets`: choose what is forgotten, by chance, by scores, and by the worst-case search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.unlearning.challenging_forgets.facts import SelectionFacts
from experiments.unlearning.challenging_forgets.kinds import SEARCHED, ForgetSetCondition, read_condition
from experiments.unlearning.challenging_forgets.settings import BilevelSettings
from experiments.unlearning.settings import DataSettings

if TYPE_CHECKING:
    from torch import Tensor

    from experiments.unlearning.challenging_forgets.candidates import Candidates


class Settings(StrictModel):
    """What is chosen from, and how the worst case is searched.

    Attributes:
        class_wise: choose whole classes instead of single images.
    """

    data: DataSettings
    bilevel: BilevelSettings
    class_wise: bool = False


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield what each forget set consists of; the sets are the artefact."""
    from experiments.unlearning.forget_sets import ForgetSets

    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its forget sets in: name it forget_sets.npz."
        )
    wanted = [read_condition(condition, job.settings.class_wise) for condition in job.conditions]
    candidates = _open(job)
    chosen = ForgetSets()
    for condition, read in zip(job.conditions, wanted, strict=True):
        forget = candidates.places(read.forget_set, read.ratio)
        chosen.sets[read.forget_set, read.ratio] = forget.numpy()
        search = SEARCHED.get(read.forget_set)
        yield Result(
            condition=condition,
            metrics={**_composition(candidates, forget, read.ratio), **_of_search(candidates, read)},
            protocol=_facts(job.settings, candidates, read),
            curves=candidates.searched(search, read.ratio).curves if search else None,
        )
    chosen.weights = candidates.difficulties()
    chosen.save(job.artefact)


def _open(job: Job[Settings]) -> Candidates:
    from common.training.device import best_device
    from experiments.unlearning.challenging_forgets.candidates import Candidates
    from experiments.unlearning.challenging_forgets.units import Units
    from experiments.unlearning.splits import load_splits
    from experiments.unlearning.trained_model import TrainedModel

    settings, device = job.settings, best_device()
    if "original" not in job.inputs:
        raise BadInputError(
            f"Step '{job.step}' chooses with the original model: add 'original' to its 'needs'."
        )
    splits = load_splits(settings.data, job.root, device)
    model = TrainedModel.load(job.inputs["original"], settings.data, splits.channels, device)
    train = splits.train
    classes = settings.data.classes
    units = Units.classes(train.labels, classes) if settings.class_wise else Units.images(len(train))
    return Candidates(model, train, units, settings.bilevel, job.seed, job.checkpoints)


def _composition(candidates: Candidates, forget: Tensor, ratio: float) -> dict[str, float]:
    """What the set consists of; all but the mean loss, which is the original model's, in percent.

    Overlaps are shares of the set that the random set, or the lowest scores, of the same ratio have too.
    """
    from experiments.unlearning.forget_sets import overlap

    units, labels = candidates.units, candidates.train.labels.cpu()
    others = {
        "random": candidates.random(ratio),
        "lowest_loss": candidates.lowest(candidates.loss, ratio),
        "lowest_el2n": candidates.lowest(candidates.el2n, ratio),
    }
    metrics = {f"overlap_with_{name}": overlap(forget, units.places(other)) for name, other in others.items()}
    metrics["largest_class_share"] = 100 * float(labels[forget].bincount().max()) / len(forget)
    metrics["mean_loss"] = float(candidates.loss[forget].mean())
    return metrics


def _of_search(candidates: Candidates, condition: ForgetSetCondition) -> dict[str, float]:
    """Of a search: the lowest accuracy its networks kept, and how much of the set it left to the order."""
    kind, ratio = condition.forget_set, condition.ratio
    if kind not in SEARCHED:
        return {}
    kept = candidates.searched(SEARCHED[kind], ratio).curves["retain_accuracy"]
    return {"retain_accuracy": min(kept), "decided_by_order": candidates.decided_by_order(kind, ratio)}


def _facts(settings: Settings, candidates: Candidates, condition: ForgetSetCondition) -> SelectionFacts:
    search = SEARCHED.get(condition.forget_set)
    bilevel = candidates.settings_of(search).model_dump() if search else {}
    return SelectionFacts(
        dataset=settings.data.dataset,
        network=settings.data.network,
        training_images=len(candidates.train),
        augmentation=settings.data.margin > 0,
        forgotten=candidates.units.named,
        kind=condition.forget_set,
        ratio=condition.ratio,
        start=search.start if search else None,
        **bilevel,
    )
