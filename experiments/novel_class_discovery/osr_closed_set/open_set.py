"""Step of one data set: networks trained on known classes, and how their scores tell unknown ones apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from common.records.schema import Name, Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, suggest
from experiments.novel_class_discovery.osr_closed_set.facts import OpenSetFacts
from experiments.novel_class_discovery.osr_closed_set.settings import DataSettings, Objective, Recipe

if TYPE_CHECKING:
    from experiments.novel_class_discovery.osr_closed_set.images import OpenSetImages
    from experiments.novel_class_discovery.osr_closed_set.trained import Trained


class Settings(StrictModel):
    """The images, and networks by the names that conditions call them by.

    Attributes:
        histograms: networks whose scores are kept as histograms, for figures, beside their losses.
    """

    data: DataSettings
    objective: Objective
    networks: dict[Name, Recipe] = Field(min_length=1)
    histograms: list[Name] = []

    @model_validator(mode="after")
    def _keeps_scores_of_its_own_networks(self) -> Settings:
        for name in self.histograms:
            if name not in self.networks:
                raise ValueError(f"'histograms' names '{name}'.{suggest(name, self.networks)}")
        return self


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield a result for each network, score and group of unknown classes; a network is trained once.

    The artefact, where the step keeps one, lists the metrics of each cell.
    """
    from common.training.device import best_device
    from experiments.novel_class_discovery.osr_closed_set.images import load_open_set
    from experiments.novel_class_discovery.osr_closed_set.trained import trained

    settings = job.settings
    images = load_open_set(settings.data, job.root, job.seed, best_device())
    kept: dict[str, Trained] = {}
    cells: list[dict[str, Scalar]] = []
    for condition in job.conditions:
        name = str(condition["network"])
        if name not in settings.networks:
            raise BadInputError(
                f"Step '{job.step}' has no network '{name}'.{suggest(name, settings.networks)}"
            )
        if name not in kept:
            kept[name] = trained(job, name, images)
        result = _judged(job, condition, kept[name], images)
        cells.append({**condition, **result.metrics})
        yield result
    if job.artefact is not None:
        job.artefact.write_text(json.dumps({"dataset": settings.data.dataset, "cells": cells}))


def _judged(
    job: Job[Settings], condition: dict[str, Scalar], network: Trained, images: OpenSetImages
) -> Result:
    """One cell: a score of a network, on all unknown classes or on a group of them."""
    from experiments.novel_class_discovery.osr_closed_set.evaluation import histogram, judge

    classes, unknown = _group(job.settings.data, condition, images)
    judged = judge(network, str(condition["score"]), unknown, job.seed)
    facts = _facts(job.settings, condition, images, classes, len(judged.unknown))
    curves = None
    if condition["network"] in job.settings.histograms:
        curves = {**histogram(judged), "training_loss": network.losses}
    return Result(condition, judged.metrics, facts, curves)


def _group(
    data: DataSettings, condition: dict[str, Scalar], images: OpenSetImages
) -> tuple[tuple[int, ...], Any]:
    """The unknown classes that a condition asks for, and which unknown images are of them, `[n]`."""
    import numpy as np

    classes = images.split.unknown
    if "unknown" in condition:
        groups = data.unknown or {}
        name = str(condition["unknown"])
        if name not in groups:
            raise BadInputError(f"There is no group '{name}' of unknown classes.{suggest(name, groups)}")
        classes = tuple(groups[name])
    return classes, np.isin(images.unknown.labels.cpu().numpy(), classes)


def _facts(
    settings: Settings,
    condition: dict[str, Scalar],
    images: OpenSetImages,
    classes: tuple[int, ...],
    unknown_images: int,
) -> OpenSetFacts:
    recipe = settings.networks[str(condition["network"])]
    augmentation = recipe.augmentation if not recipe.margin else f"{recipe.augmentation}, crops, flips"
    return OpenSetFacts(
        dataset=settings.data.dataset,
        split=settings.data.split,
        known=_listed(images.split.known),
        unknown=_listed(classes),
        known_classes=len(images.split.known),
        unknown_classes=len(classes),
        training_images=len(images.training) if recipe.epochs else 0,
        known_test_images=len(images.known),
        unknown_test_images=unknown_images,
        side=settings.data.side,
        network=recipe.network,
        objective=settings.objective if recipe.epochs else "none",
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        schedule=recipe.schedule if recipe.cycles == 1 else f"{recipe.schedule}, {recipe.cycles} cycles",
        augmentation=augmentation,
        magnitude=recipe.magnitude,
        label_smoothing=recipe.label_smoothing,
        score=str(condition["score"]),
    )


def _listed(classes: tuple[int, ...]) -> str:
    return " ".join(map(str, classes))
