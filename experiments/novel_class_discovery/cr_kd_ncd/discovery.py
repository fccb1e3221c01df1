"""Step `discovery…`: stage 2, novel classes are found among images without a label, by one method.

Its conditions name what is scored: `unlabelled` images that were learned from, or `test` images of all
classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from common.runs.job import Job, Result
from common.strict import BadInputError
from experiments.novel_class_discovery.cr_kd_ncd.settings import DiscoverySettings
from experiments.novel_class_discovery.image_protocol import ImageDiscoveryFacts

if TYPE_CHECKING:
    from pathlib import Path

    from common.records.schema import Scalar
    from experiments.novel_class_discovery.cr_kd_ncd.learning import Discovery
    from experiments.novel_class_discovery.image_splits import ImageSplit


Settings = DiscoverySettings


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield clustering accuracy, and of unlabelled images what is left of the class relation."""
    from common.training.device import best_device
    from experiments.novel_class_discovery.cr_kd_ncd.first_stage import load_classifier
    from experiments.novel_class_discovery.cr_kd_ncd.learning import learn
    from experiments.novel_class_discovery.cr_kd_ncd.means import cluster_features
    from experiments.novel_class_discovery.image_splits import load_image_split

    settings = job.settings
    split = load_image_split(settings.data, job.root, job.folders, job.seed, best_device())
    old, passes = load_classifier(settings.backbone, _start(job), split)
    find = cluster_features if settings.objective == "k_means" else learn
    discovery = find(job, split, old)
    for condition in job.conditions:
        yield _result(job, condition, split, discovery, passes)


def _start(job: Job[Settings]) -> Path:
    if len(job.inputs) != 1:
        raise BadInputError(f"Step '{job.step}' starts from one classifier: name its step under 'needs'.")
    (path,) = job.inputs.values()
    return path


def _result(
    job: Job[Settings], condition: dict[str, Scalar], split: ImageSplit, discovery: Discovery, passes: int
) -> Result:
    """What one condition asks for; raises BadInputError where that is neither."""
    from experiments.novel_class_discovery.cr_kd_ncd.scores import (
        confusion,
        scores_among_all,
        unlabelled_scores,
    )

    facts = _facts(job, split, discovery, passes, condition["evaluated"] == "unlabelled")
    match condition["evaluated"]:
        case "unlabelled":
            truth = split.unlabelled.labels.cpu().numpy()
            metrics = unlabelled_scores(discovery.found, truth) | discovery.relation
            return Result(condition, metrics, facts, discovery.curves)
        case "test":
            found = discovery.found
            return Result(condition, scores_among_all(found, split), facts, confusion(found, split))
    raise BadInputError(f"Nothing is called '{condition['evaluated']}' here; evaluate unlabelled or test.")


def _facts(
    job: Job[Settings], split: ImageSplit, discovery: Discovery, passes: int, unlabelled: bool
) -> ImageDiscoveryFacts:
    settings = job.settings
    learns = settings.objective != "k_means"
    return ImageDiscoveryFacts(
        dataset=settings.data.dataset,
        setting="ncd",
        split=settings.data.split_name,
        known_classes=split.known,
        novel_classes=split.novel,
        labelled_rows=len(split.labelled),
        unlabelled_rows=len(split.unlabelled),
        evaluated_rows=len(split.unlabelled if unlabelled else split.test),
        evaluated="unlabelled" if unlabelled else "test",
        inference="transductive" if unlabelled else "inductive",
        classes_given="known" if settings.assumed in (None, split.novel) else "estimated",
        chosen_on=settings.chosen_on,
        backbone=settings.backbone,
        side=split.labelled.images.shape[1],
        supervised_passes=passes,
        discovery_passes=settings.training.epochs if learns else 0,
        heads=settings.heads if learns else 0,
        novel_head_only=unlabelled,
    )
