"""The protocol facts of this paper's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.strict import StrictModel
from experiments.novel_class_discovery.protocol import ClassesGiven, DiscoveryFacts, TaskFacts

if TYPE_CHECKING:
    from experiments.novel_class_discovery.tabular_ncd.data_sets import TabularSet
    from experiments.novel_class_discovery.tabular_ncd.discovery import Cell
    from experiments.novel_class_discovery.tabular_ncd.discovery import Settings as DiscoverySettings
    from experiments.novel_class_discovery.tabular_ncd.latent_maps import Settings as LatentSettings
    from experiments.novel_class_discovery.tabular_ncd.settings import MethodSettings, SearchSettings


class SearchFacts(TaskFacts):
    """How hyperparameters were chosen: on `hidden_classes`, or by the `oracle` that sees novel labels."""

    chosen_on: str
    trials: int
    folds: int
    training: str
    deterministic: bool = False


class NetworkFacts(DiscoveryFacts):
    """A discovery by a method of this paper; `runs`: clusterings of one fit that a metric is a mean over."""

    training: str
    latents: str
    runs: int


class LatentFacts(TaskFacts):
    """Of which training latents were looked at, and at how many rows."""

    training: str
    shown: int


class AverageFacts(StrictModel):
    """Over which data sets a mean was taken, and what was the same on all."""

    data_sets: str
    setting: str = "ncd"
    classes_given: ClassesGiven
    matching: str = "jointly"
    chosen_on: str
    training: str
    deterministic: bool = False


def task_facts(data: TabularSet, settings: MethodSettings) -> dict[str, str | int]:
    """The facts of the task that a data set poses to a method."""
    task = data.task()
    return {
        "dataset": data.name,
        "setting": "ncd",
        "split": data.split,
        "known_classes": len(data.known),
        "novel_classes": len(data.novel),
        "labelled_rows": len(task.labelled),
        "unlabelled_rows": len(task.unlabelled),
        "evaluated_rows": len(task.evaluated),
        "evaluated": "test",
        "inference": inference(settings),
    }


def search_facts(data: TabularSet, settings: SearchSettings, chosen_on: str, folds: int) -> SearchFacts:
    """The facts of a search, whose folds are scored on training rows, and whose oracle is on test rows."""
    facts = task_facts(data, settings.method)
    if chosen_on == "hidden_classes":
        facts |= {"evaluated": "unlabelled"}
    return SearchFacts.model_validate(
        facts
        | {
            "chosen_on": chosen_on,
            "trials": settings.trials,
            "folds": folds,
            "training": training_words(settings.method),
        }
    )


def training_words(settings: MethodSettings) -> str:
    """How long networks were trained; `none` for methods without one."""
    if settings.kind not in ("pbn", "baseline", "tabular_ncd"):
        return "none"
    training = settings.training
    end = f", at most {training.most_steps} steps" if training.most_steps else ""
    return f"{training.epochs} epochs{end}"


def inference(settings: MethodSettings) -> str:
    """`inductive` where each scored row is clustered by itself."""
    inductive = settings.kind in ("k_means", "ncd_k_means", "tabular_ncd")
    return "inductive" if inductive else "transductive"


def latent_facts(data: TabularSet, settings: LatentSettings) -> LatentFacts:
    """The facts of a look at latents."""
    facts = task_facts(data, settings.method)
    return LatentFacts.model_validate(
        facts | {"training": training_words(settings.method), "shown": settings.shown}
    )


def discovery_facts(data: TabularSet, cell: Cell, settings: DiscoverySettings) -> NetworkFacts:
    """The facts of one discovery."""
    method = settings.method
    return NetworkFacts.model_validate(
        task_facts(data, method)
        | {
            "classes_given": cell.classes,
            "chosen_on": cell.chosen_on,
            "training": training_words(method),
            "latents": method.latents if method.kind in ("pbn", "baseline") else "none",
            "runs": settings.runs,
        }
    )
