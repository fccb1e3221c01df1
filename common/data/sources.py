"""Sources: where each data set can be had, as common/data/sources.yaml states it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from common.data.manifests import DatasetName
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate

SOURCES_FILE = Path(__file__).with_name("sources.yaml")

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
DecoderName = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)?$")]
Folder = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*$")]


class Checksum(StrictModel):
    """The checksum that a file must have: the published MD5, or a SHA-256."""

    md5: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _exactly_one(self) -> Checksum:
        if (self.md5 is None) == (self.sha256 is None):
            raise ValueError("give md5 or sha256, and not both")
        return self

    @property
    def algorithm(self) -> Literal["md5", "sha256"]:
        """Which of the two is given."""
        return "md5" if self.md5 else "sha256"

    @property
    def value(self) -> str:
        """The checksum in hexadecimal digits."""
        return self.md5 or self.sha256 or ""


class _Source(StrictModel):
    """What every kind of source may say: files other than the official ones, and who decodes them."""

    files: dict[FileName, Checksum] = {}
    decoder: DecoderName | None = None


class MirrorSource(_Source):
    """A folder inside the mirror folder."""

    kind: Literal["mirror"]
    folder: Folder

    def __str__(self) -> str:
        return f"mirror folder {self.folder}"


class HomeSource(_Source):
    """A public address below which the files lie."""

    kind: Literal["home"]
    base: Annotated[str, Field(pattern=r"^https?://.+/$")]

    def __str__(self) -> str:
        return self.base


class PackageSource(_Source):
    """One version of a package of a registry; the files lie in a folder inside it."""

    kind: Literal["npm", "pypi", "apt"]
    package: FileName
    version: Annotated[str, Field(pattern=r"^[0-9][A-Za-z0-9.~+-]*$")]
    folder: Folder

    def __str__(self) -> str:
        return f"{self.kind} package {self.package} {self.version}"


class InstalledSource(_Source):
    """A folder inside a Python package that is installed beside this project."""

    kind: Literal["installed"]
    package: FileName
    folder: Folder

    def __str__(self) -> str:
        return f"installed Python package {self.package}"


Source = Annotated[MirrorSource | HomeSource | PackageSource | InstalledSource, Field(discriminator="kind")]


class DatasetEntry(StrictModel):
    """One data set: what it is, the files of its official release, and its sources in order."""

    title: str
    licence: str
    citation: str
    home: str
    decoder: DecoderName
    files: dict[FileName, Checksum] = Field(min_length=1)
    sources: list[Source] = Field(min_length=1)

    def files_of(self, source: Source) -> dict[str, Checksum]:
        """The files that `source` serves."""
        return source.files or self.files

    def decoder_of(self, source: Source) -> str:
        """The name of the decoder that reads them."""
        return source.decoder or self.decoder

    def decoders(self) -> list[str]:
        """Every decoder that may read this data set."""
        return sorted({self.decoder_of(source) for source in self.sources})


class Catalogue(StrictModel):
    """The whole of sources.yaml."""

    datasets: dict[DatasetName, DatasetEntry]


def load_sources(path: Path = SOURCES_FILE) -> dict[str, DatasetEntry]:
    """Every data set by name; raises BadInputError when the file is malformed."""
    return validate(Catalogue, {"datasets": read_yaml(path)}, str(path)).datasets


def find_entry(dataset: str, entries: dict[str, DatasetEntry]) -> DatasetEntry:
    """The entry of a data set; raises BadInputError with a suggestion when the name is unknown."""
    if dataset not in entries:
        raise BadInputError(
            f"'{dataset}' is no data set of common/data/sources.yaml.{suggest(dataset, entries)}"
            " Type: python -m common.data --list"
        )
    return entries[dataset]
