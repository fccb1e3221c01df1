"""Settings of the corrupted data sets, as stages.yaml states them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from common.data.corruptions.names import ALL_CORRUPTIONS
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate

FILE = Path(__file__).with_name("stages.yaml")
FILE_NAME = "common/data/corruptions/stages.yaml"  # as sentences call it


def _known(corruption: str) -> str:
    if corruption not in ALL_CORRUPTIONS:
        raise ValueError(f"no such corruption.{suggest(corruption, ALL_CORRUPTIONS)}")
    return corruption


Severity = Literal[1, 2, 3, 4, 5]
Corruption = Annotated[str, AfterValidator(_known)]


class CorruptedSettings(StrictModel):
    """One corrupted data set: the arrays of `source` that it starts from, and what is done to them."""

    source: str
    images: str  # name of the array of images
    labels: str  # name of the array of labels
    first: int = Field(gt=0)  # how many images, from the start of the array
    severities: list[Severity] = Field(min_length=1)
    corruptions: Literal["all"] | list[Corruption]
    seed: int = Field(ge=0)

    def names(self) -> list[str]:
        """The corruptions that are meant, in order."""
        return list(ALL_CORRUPTIONS) if self.corruptions == "all" else list(self.corruptions)


class _File(StrictModel):
    stages: dict[str, CorruptedSettings]


def corrupted_settings(dataset: str, path: Path = FILE) -> CorruptedSettings:
    """Settings of the corrupted data set `dataset`; raises BadInputError when there are none or bad ones."""
    stages = validate(_File, {"stages": read_yaml(path)}, FILE_NAME).stages
    if dataset not in stages:
        raise BadInputError(
            f"No corrupted data set '{dataset}' is described in {FILE_NAME}.{suggest(dataset, stages)}"
        )
    return stages[dataset]
