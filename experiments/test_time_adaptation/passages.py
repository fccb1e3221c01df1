"""Passages of one method through streams: network, data and randomness of one job in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from common.runs.job import Job, Result
from common.strict import BadInputError, validate
from common.training.seeding import generator
from experiments.test_time_adaptation.courses import Course, by_name, courses_of_sets, distance_ratio
from experiments.test_time_adaptation.named_folders import named_folder
from experiments.test_time_adaptation.online import (
    OnlineAdapter,
    OnlineMethod,
    Passage,
    SourceSample,
    Start,
    pass_through,
)
from experiments.test_time_adaptation.protocol import OnlineFacts
from experiments.test_time_adaptation.session import open_source
from experiments.test_time_adaptation.source_model import SourceModel
from experiments.test_time_adaptation.source_samples import folder_sample, prepared_sample
from experiments.test_time_adaptation.streams import make_stream, rising_and_falling
from experiments.test_time_adaptation.test_sets import TestSet, folder_test_set, prepared_test_set

if TYPE_CHECKING:
    from experiments.test_time_adaptation.online_adaptation import Chosen, Condition, Settings, Visit


@dataclass(frozen=True)
class Passages:
    """One method at one seed."""

    job: Job[Settings]
    source: SourceModel
    device: torch.device
    method: OnlineMethod

    @classmethod
    def open(cls, job: Job[Settings]) -> Passages:
        """Load the source network; raises BadInputError for a method that has no online form."""
        method: Any = job.implementation
        if not hasattr(method, "online"):
            raise BadInputError(f"Method '{job.method}' has no online form; use it in the step 'adaptation'.")
        source, device = open_source(job, job.settings.pretrained)
        return cls(job, source, device, method)

    def results(
        self, visits: Sequence[tuple[Condition, Visit]], rate: float | None, chosen: Chosen
    ) -> Iterator[Result]:
        """One passage; a result for each of its corruptions.

        Raises BadInputError where a method that learns has no learning rate.
        """
        if rate is None and self.method.ONLINE.adapted != "nothing":
            raise BadInputError(
                "The method learns, but has neither 'learning_rate' nor development conditions."
            )
        first = visits[0][1]
        shifts = [(visit.corruption, severity) for _, visit in visits for severity in _severities(visit)]
        sets = [self._test_set(*shift, first.split) for shift in shifts]
        passage, courses = self._passage(first, sets, rate)
        resolution, errors = sets[0].images.shape[1], passage.errors()
        for condition, visit in visits:
            own = [number for number, shift in enumerate(shifts) if shift[0] == visit.corruption]
            wrong = torch.cat([passage.wrong[number] for number in own])
            metrics = {"error_percent": sum(errors[number] for number in own) / len(own)}
            if rate is not None:
                metrics["learning_rate"] = rate
            course = [batch for number in own for batch in courses[number]]
            metrics |= distance_ratio(course)
            facts = self._facts(visit, len(sets[0].labels), resolution, chosen)
            yield Result(
                condition,
                metrics,
                facts,
                curves={"error_percent": _along(wrong)} | by_name(course),
                timings={"adapting": passage.seconds_per_image * len(wrong)},
            )

    def _passage(
        self, visit: Visit, sets: Sequence[TestSet], rate: float | None
    ) -> tuple[Passage, list[Course]]:
        """The passage, and for each test set what the method noted at each batch."""
        name = f"{visit.split}/{visit.stream}/{visit.batch_size}"
        draws = generator(self.job.seed, f"order/{name}")
        stream = make_stream(
            visit.stream,
            [each.labels.cpu() for each in sets],
            visit.batch_size,
            draws,
            self.job.settings.concentration,
        )
        chance = generator(self.job.seed, f"method/{name}")
        begun: list[Course] = []

        def begin() -> OnlineAdapter:
            adapter = self._begin(rate, chance)
            begun.append(getattr(adapter, "course", []))
            return adapter

        passage = pass_through(stream, sets, self.source.standardise, begin)
        return passage, courses_of_sets(stream, len(sets), [batch for course in begun for batch in course])

    def _begin(self, rate: float | None, chance: torch.Generator) -> OnlineAdapter:
        settings = self.job.settings
        options = validate(self.method.Options, settings.options, f"Options of {self.job.method}")
        start = Start(
            self.source.copy_network(),
            options,
            _optimiser(settings, rate),
            self.source.standardise,
            chance,
            self._sample,
        )
        return self.method.online(start)

    @cached_property
    def _sample(self) -> SourceSample | None:
        """For the methods whose facts say that they are given some."""
        settings, kind = self.job.settings, self.method.ONLINE.source_data
        if kind == "none" or not settings.source_images:
            return None
        if settings.source_folder is not None:
            folder = named_folder(self.job.folders, settings.source_folder)
            return folder_sample(
                folder, settings.source_images, settings.source_side, self.source, self.device
            )
        assert settings.source_dataset is not None  # the settings were checked for it
        return prepared_sample(
            settings.source_dataset, self.job.root, settings.source_images, self.source, self.device
        )

    def _test_set(self, corruption: str, severity: int, split: str) -> TestSet:
        settings = self.job.settings
        images = _own(settings, self.job.seed) if split == "test" else _slice(settings.development_images)
        if settings.folder is not None:
            folder = named_folder(self.job.folders, settings.folder)
            return folder_test_set(folder, corruption, severity, images, self.source.classes, self.device)
        assert settings.corrupted is not None  # the settings were checked for it
        return prepared_test_set(
            settings.corrupted, self.job.root, corruption, severity, images, self.source.classes, self.device
        )

    def _facts(self, visit: Visit, images: int, resolution: int, chosen: Chosen) -> OnlineFacts:
        settings, method = self.job.settings, self.method.ONLINE
        return OnlineFacts(
            **method.model_dump(),
            dataset=settings.dataset,
            corrupted_images=settings.corrupted_images,
            images=images,
            resolution=resolution,
            severities=",".join(map(str, _severities(visit))),
            network=self.source.name,
            weights=self.source.weights,
            training_precision=self.source.training_precision,
            stream=visit.stream,
            concentration=settings.concentration if visit.stream == "correlated" else None,
            batch_size=visit.batch_size,
            source_images=0 if self._sample is None else len(self._sample.labels),
            settings_chosen_on="nothing_to_choose" if method.adapted == "nothing" else chosen,
        )


def _slice(first_last: tuple[int, int] | None) -> slice:
    return slice(*first_last) if first_last else slice(None)


def _own(settings: Settings, seed: int) -> slice:
    """The test images that `seed` meets: all, or its part of them."""
    if settings.parts == 1 or settings.test_images is None:
        return _slice(settings.test_images)
    first, last = settings.test_images
    part = seed % settings.parts
    count = last - first
    return slice(first + part * count // settings.parts, first + (part + 1) * count // settings.parts)


def _severities(visit: Visit) -> list[int]:
    return rising_and_falling(range(1, visit.severity + 1)) if visit.stream == "gradual" else [visit.severity]


def _optimiser(
    settings: Settings, rate: float | None
) -> Callable[[Sequence[nn.Parameter]], torch.optim.Optimizer]:
    def make(parameters: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        assert rate is not None  # a method that learns was checked for it
        if settings.optimiser == "adam":
            return torch.optim.Adam(parameters, lr=rate, betas=(settings.momentum, 0.999))
        return torch.optim.SGD(parameters, lr=rate, momentum=settings.momentum)

    return make


def _along(wrong: torch.Tensor, points: int = 10) -> list[float]:
    """The error in percent over ten successive parts of a corruption, or fewer where images are few."""
    parts = wrong.double().tensor_split(min(points, len(wrong)))
    return [float(part.mean() * 100) for part in parts]
