"""What an experiment is handed and what it hands back; no record, claim or published number is in sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar

from common.checkpoints import Checkpoints
from common.records.schema import Scalar, Scale
from common.strict import StrictModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Settings = TypeVar("Settings", bound=StrictModel)


@dataclass(frozen=True)
class Job(Generic[Settings]):
    """One method of one step at one seed.

    Attributes:
        conditions: the cells to run, in order; each must be yielded once.
        inputs: step -> artefact of the same seed.
        gathered: step -> artefacts of the seeds 0, 1, … in this order.
        artefact: where to write this job's own artefact.
        folders: data that the user named -> its folder.
        implementation: the method's module, where the step's methods are modules of the track.
        modules: name -> module, of those that the step `uses`.
        checkpoints: what an earlier attempt, which was killed, has got done.
    """

    track: str
    paper: str
    scale: Scale
    step: str
    method: str
    seed: int
    settings: Settings
    conditions: list[dict[str, Scalar]]
    root: Path
    inputs: dict[str, Path] = field(default_factory=dict)
    gathered: dict[str, list[Path]] = field(default_factory=dict)
    artefact: Path | None = None
    folders: dict[str, Path] = field(default_factory=dict)
    implementation: ModuleType | None = None
    modules: dict[str, ModuleType] = field(default_factory=dict)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)


@dataclass(frozen=True)
class Result:
    """The outcome of one cell.

    Attributes:
        protocol: the facts under which the metrics were measured.
        pictures: name -> images, uint8, `[n, h, w]` or `[n, h, w, 3]`.
        timings: seconds that a named part of the work took, such as learning without its evaluation.
    """

    condition: dict[str, Scalar]
    metrics: dict[str, float]
    protocol: StrictModel
    curves: dict[str, list[float]] | None = None
    pictures: dict[str, NDArray[np.uint8]] | None = None
    timings: dict[str, float] = field(default_factory=dict)
