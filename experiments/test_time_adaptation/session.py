"""One method at one seed, ready to be run on any condition: network, data and randomness in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import torch

from common.records.schema import Scalar
from common.runs.job import Job
from common.strict import BadInputError
from common.training.device import best_device
from common.training.seeding import generator
from experiments.test_time_adaptation.offline import adapt_offline
from experiments.test_time_adaptation.source_model import SourceModel
from experiments.test_time_adaptation.test_sets import TestSet, folder_test_set, prepared_test_set

if TYPE_CHECKING:
    from experiments.test_time_adaptation.adaptation import Settings


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

    def errors(
        self, condition: dict[str, Scalar], learning_rate: float, epochs: int, every_epoch: bool
    ) -> list[float]:
        """Reset, adapt to the condition's test set, and return its error in percent (`adapt_offline`)."""
        test_set = self._test_set(condition)
        self.image_count, self.resolution = len(test_set.labels), test_set.images.shape[1]
        settings = self.job.settings
        adapter = self.method.adapter(self.source.copy_network(), settings, learning_rate)
        order = generator(self.job.seed, f"order/{condition['corruption']}/{condition['severity']}")
        return adapt_offline(adapter, self.source, test_set, settings.batch_size, epochs, order, every_epoch)

    def _test_set(self, condition: dict[str, Scalar]) -> TestSet:
        settings = self.job.settings
        corruption, severity = str(condition["corruption"]), int(condition["severity"])
        if settings.folder is not None:
            return folder_test_set(self.job.folders[settings.folder], corruption, severity, self.device)
        if settings.corrupted is None:
            raise BadInputError("Name the images: set 'corrupted' (a prepared data set) or 'folder'.")
        development = condition["split"] == "development"
        first_last = settings.development_images if development else settings.test_images
        images = slice(*first_last) if first_last else slice(None)
        return prepared_test_set(settings.corrupted, self.job.root, corruption, severity, images, self.device)


def open_session(job: Job[Settings]) -> Session:
    """Load the job's source network: the artefact of its seed, or a published one."""
    device = best_device()
    if job.settings.pretrained is not None:
        source = SourceModel.from_timm(job.settings.pretrained, device)
    else:
        (artefact,) = job.inputs.values()  # the one step that trains the network
        source = SourceModel.load(artefact, device)
    return Session(job, source, device, job.implementation)
