"""Step `online_adaptation`: a stream of corrupted images, each predicted once, when it arrives.

A condition is one corruption in a stream: those with the same stream, batch size, severity and, where the
condition gives one, learning rate are one passage, in their order. The learning rate with the lowest mean
error on the development corruptions, which are not in the test, is used in every test stream that gives
none, and is the artefact (null for a method that learns nothing) for later steps that read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from common.records.schema import Scalar
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, validate

Condition = dict[str, Scalar]
Chosen = Literal["development_corruptions", "published", "swept"]
KEYS = ("split", "stream", "batch_size", "severity", "learning_rate")  # what a passage has in common


class Settings(StrictModel):
    """What is adapted to, and how.

    Attributes:
        dataset: name for the protocol facts, e.g. CIFAR-10-C.
        corrupted: the prepared data set of corrupted images; null where a folder is read.
        folder: name of the folder that the user gives; null where prepared data are read.
        development_images, test_images: [first, last) of each corrupted set; null for all.
        parts: into which the test images are divided; each seed meets one, so that an interval over seeds is
            over images too.
        source_dataset, source_images: the first so many training images, for methods that are given some.
        source_folder: where they are in a folder that the user names, <class>/<picture>, in place of a
            prepared data set; of each class the same share.
        source_side: pixels that each of these is scaled and cropped to; null: they are as they should be.
        pretrained: name of a timm network with published weights, where no step trains one.
        optimiser, momentum: of the parameters that learn; momentum is SGD's, or Adam's first.
        learning_rate: where none is chosen on development corruptions.
        concentration: of the Dirichlet distribution in correlated streams.
        options: the method's own, see its module.
    """

    dataset: str
    corrupted: str | None = None
    folder: str | None = None
    corrupted_images: Literal["released", "regenerated"]
    development_images: tuple[int, int] | None = None
    test_images: tuple[int, int] | None = None
    parts: int = Field(default=1, ge=1)
    source_dataset: str | None = None
    source_folder: str | None = None
    source_side: int | None = Field(default=None, ge=1)
    source_images: int = Field(default=0, ge=0)
    pretrained: str | None = None
    optimiser: Literal["adam", "sgd"] = "adam"
    momentum: float = Field(default=0.9, ge=0, lt=1)
    learning_rate: float | None = Field(default=None, gt=0)
    concentration: float = Field(default=0.1, gt=0)
    options: dict[str, Scalar] = {}

    @model_validator(mode="after")
    def _one_place_of_images(self) -> Settings:
        if (self.corrupted is None) == (self.folder is None):
            raise ValueError("name the images once: 'corrupted', a prepared data set, or 'folder'")
        if self.source_images and (self.source_dataset is None) == (self.source_folder is None):
            raise ValueError("'source_images' are of one place: name 'source_dataset' or 'source_folder'")
        if self.parts > 1 and self.test_images is None:
            raise ValueError("'parts' are of the 'test_images': say which, [first, last)")
        return self


class Visit(StrictModel):
    """One corruption in one stream: a condition of the step."""

    split: Literal["development", "test"]
    stream: Literal["reset", "continual", "gradual", "mixed", "correlated", "episodic"]
    batch_size: int = Field(ge=1)
    severity: int = Field(ge=1, le=5)
    corruption: str
    learning_rate: float | None = Field(default=None, gt=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the development cells, choose the learning rate, then the test cells."""
    from experiments.test_time_adaptation.passages import Passages

    passages = Passages.open(job)
    found: dict[float, list[float]] = {}
    for visits in _passages(job, "development"):
        tried = visits[0][1].learning_rate
        for result in passages.results(visits, tried, "development_corruptions"):
            if tried is not None:
                found.setdefault(tried, []).append(result.metrics["error_percent"])
            yield result
    rate, chosen = _rate(job, found)
    if job.artefact is not None:
        job.artefact.write_text(json.dumps(rate))
    for visits in _passages(job, "test"):
        swept = visits[0][1].learning_rate
        yield from passages.results(visits, *((rate, chosen) if swept is None else (swept, "swept")))


def _rate(job: Job[Settings], found: dict[float, list[float]]) -> tuple[float | None, Chosen]:
    """The learning rate, chosen here, in an earlier step, or by whoever wrote the configuration."""
    if found:
        return min(found, key=lambda rate: sum(found[rate]) / len(found[rate])), "development_corruptions"
    earlier = [path for paths in job.gathered.values() for path in paths]
    if len(earlier) > 1:
        raise BadInputError("A stream has one learning rate: gather one seed of one step that chooses it.")
    if earlier:
        rate: float | None = json.loads(earlier[0].read_text())
        return rate, "development_corruptions"
    return job.settings.learning_rate, "published"


def _passages(job: Job[Settings], split: str) -> list[list[tuple[Condition, Visit]]]:
    """The conditions of a split, those of one passage together, in the order of the configuration."""
    groups: dict[tuple[Scalar | None, ...], list[tuple[Condition, Visit]]] = {}
    for condition in job.conditions:
        visit = validate(Visit, condition, f"Condition {condition}")
        if visit.split == split:
            key = tuple(condition.get(name) for name in KEYS)
            groups.setdefault(key, []).append((condition, visit))
    return list(groups.values())
