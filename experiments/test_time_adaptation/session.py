"""One method at one seed, ready to be run on any condition: network, data and randomness in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import torch

from common.runs.job import Job
from common.strict import BadInputError
from common.training.device import best_device
from common.training.seeding import generator
from experiments.test_time_adaptation.named_folders import named_folder
from experiments.test_time_adaptation.offline import adapt_offline
from experiments.test_time_adaptation.shifts import Shift, Trial
from experiments.test_time_adaptation.source_model import SourceModel
from experiments.test_time_adaptation.test_sets import TestSet, folder_test_set, prepared_test_set

if TYPE_CHECKING:
    from experiments.test_time_adaptation.adaptation import Settings


class Measured(TypedDict):
    """How many images a test set has, their side in pixels, and the error on them (`adapt_offline`)."""

    images: int
    resolution: int
    errors: list[float]


@dataclass
class Session:
    """The source network and the rule that adapts it, for one job."""

    job: Job[Settings]
    source: SourceModel
    device: torch.device
    method: Any  # the method's module: `offline.Method`
    image_count: int = field(default=0, init=False)
    resolution: int = field(default=0, init=False)

    @property
    def statistics(self) -> Literal["source", "test_batch"]:
        """Whose statistics batch normalisation uses."""
        statistics: Literal["source", "test_batch"] = self.method.STATISTICS
        return statistics

    def errors(self, shift: Shift, learning_rate: float, epochs: int, every_epoch: bool) -> list[float]:
        """Reset, adapt to the shifted test set, and return its error in percent (`adapt_offline`)."""
        found = self.job.checkpoints.kept(
            f"{shift.corruption} {shift.severity} {learning_rate} {epochs} {every_epoch}",
            lambda _: self._measure(shift, learning_rate, epochs, every_epoch),
        )
        self.image_count, self.resolution = found["images"], found["resolution"]
        return found["errors"]

    def _measure(self, shift: Shift, learning_rate: float, epochs: int, every_epoch: bool) -> Measured:
        test_set = self._test_set(shift)
        settings = self.job.settings
        adapter = self.method.adapter(self.source.copy_network(), settings, learning_rate)
        order = generator(self.job.seed, f"order/{shift.corruption}/{shift.severity}")
        errors = adapt_offline(
            adapter, self.source, test_set, settings.batch_size, epochs, order, every_epoch
        )
        return {
            "images": len(test_set.labels),
            "resolution": test_set.images.shape[1],
            "errors": errors,
        }

    def _test_set(self, shift: Shift) -> TestSet:
        settings, shown = self.job.settings, (shift.corruption, shift.severity)
        first_last = settings.development_images if isinstance(shift, Trial) else settings.test_images
        images = slice(*first_last) if first_last else slice(None)
        if settings.folder is not None:
            folder = named_folder(self.job.folders, settings.folder)
            return folder_test_set(folder, *shown, images, self.source.classes, self.device)
        assert settings.corrupted is not None  # the settings were checked for it
        return prepared_test_set(
            settings.corrupted, self.job.root, *shown, images, self.source.classes, self.device
        )


def open_session(job: Job[Settings]) -> Session:
    """Load the job's source network: the artefact of its seed, or a published one."""
    settings = job.settings
    if settings.folder is not None:
        named_folder(job.folders, settings.folder)
    source, device = open_source(job, settings.pretrained)
    return Session(job, source, device, job.implementation)


def open_source(job: Job[Any], pretrained: str | None) -> tuple[SourceModel, torch.device]:
    """The source network, `pretrained` of timm or the artefact of the one step needed, and its device."""
    device = best_device()
    if pretrained is not None:
        return SourceModel.from_timm(pretrained, device), device
    networks = [path for path in job.inputs.values() if path.suffix == ".pt"]
    if len(networks) == 1:
        return SourceModel.load(networks[0], device), device
    raise BadInputError("The network comes from one step: name it in 'needs', or set 'pretrained'.")
