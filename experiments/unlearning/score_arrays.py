"""Arrays of scores, one number for each training example, in a file that says which examples these are.

The file is an npz archive with one more member, `manifest.json`. Who reads it says what data it expects, and
is refused the scores of other examples.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from common.atomic import replacing
from common.data.canonical import canonical_hash
from common.strict import BadInputError, StrictModel, suggest, validate

if TYPE_CHECKING:
    from torch import Tensor

    from common.training.image_set import ImageSet

Scores = NDArray[np.float64]

MANIFEST = "manifest.json"
_ALWAYS_THE_SAME_MOMENT = (1980, 1, 1, 0, 0, 0)  # so that the same scores give the same bytes


class ArrayFacts(StrictModel):
    """What one array holds: which score, after how many epochs, averaged over how many networks."""

    score: str
    epoch: int = Field(ge=0)
    networks: int = Field(ge=1)
    hash: str


class ScoreManifest(StrictModel):
    """What the file's scores are of.

    Attributes:
        data_hash: of the training images with their labels, in order; see `data_hash`.
        label_noise: the share of labels that was random when the networks were trained and scored.
    """

    dataset: str
    data_hash: str
    length: int
    label_noise: float
    arrays: dict[str, ArrayFacts]


class Key(StrictModel):
    """A score after so many epochs; `networks` that it is the mean of."""

    score: str
    epoch: int
    networks: int


def array_name(score: str, epoch: int, networks: int) -> str:
    """How an array is called in the file."""
    return f"{score} epoch {epoch} networks {networks}"


def data_hash(images: ImageSet) -> str:
    """SHA-256 over the canonical hashes of the images and the labels: it changes with their order, too."""
    parts = (canonical_hash(part.cpu().numpy()) for part in (images.images, images.labels))
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def save_scores(
    path: Path, dataset: str, data: str, label_noise: float, scores: Mapping[Key, Scores]
) -> None:
    """Write the file; raises BadInputError for scores that are no numbers or of different lengths."""
    arrays = {array_name(key.score, key.epoch, key.networks): values for key, values in scores.items()}
    lengths = {len(values) for values in arrays.values()}
    if len(lengths) != 1:
        raise BadInputError(f"Scores of {len(lengths)} different lengths can't be of the same examples.")
    for name, values in arrays.items():
        _check_numbers(values, f"'{name}'")
    facts = {
        array_name(key.score, key.epoch, key.networks): ArrayFacts(
            **key.model_dump(), hash=canonical_hash(values)
        )
        for key, values in scores.items()
    }
    manifest = ScoreManifest(
        dataset=dataset, data_hash=data, length=lengths.pop(), label_noise=label_noise, arrays=facts
    )
    with replacing(path) as temporary:
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        member = zipfile.ZipInfo(MANIFEST, _ALWAYS_THE_SAME_MOMENT)
        with zipfile.ZipFile(temporary, "a") as archive:
            archive.writestr(member, json.dumps(manifest.model_dump(), indent=2, sort_keys=True) + "\n")


class ScoreFile:
    """Scores of the training examples that the reader has, or a sentence that says why they are not."""

    def __init__(self, path: Path, data: str, length: int) -> None:
        """Open what `save_scores` wrote, for data of this hash and length; raises BadInputError otherwise."""
        self.path = path
        self.manifest = read_manifest(path)
        if self.manifest.length != length:
            raise BadInputError(
                f"{path} has scores of {self.manifest.length} examples, and there are {length} training "
                f"images. Use the data settings that they were made with, or make them again."
            )
        if self.manifest.data_hash != data:
            raise BadInputError(
                f"{path} has scores of {self.manifest.dataset} that are not of these training images, or of "
                f"another order of them. Use the data settings that they were made with, or make them again."
            )

    def values(self, score: str, epoch: int, networks: int | None = None) -> Scores:
        """Float64 `[n]`; by default the mean over the most networks there are."""
        found = [
            (facts.networks, name)
            for name, facts in self.manifest.arrays.items()
            if facts.score == score and facts.epoch == epoch and networks in (None, facts.networks)
        ]
        if not found:
            wanted = array_name(score, epoch, networks or 0)
            raise BadInputError(f"{self.path} has no such score.{suggest(wanted, self.manifest.arrays)}")
        name = max(found)[1]
        with np.load(self.path, allow_pickle=False) as arrays:
            values: Scores = arrays[name]
        if canonical_hash(values) != self.manifest.arrays[name].hash:
            raise BadInputError(
                f"'{name}' of {self.path} is not what its manifest says. Delete the file, and make it again."
            )
        _check_numbers(values, f"'{name}' of {self.path}")
        return values


def ranking_for_forgetting(
    path: Path, train: ImageSet, score: str, epoch: int, networks: int | None = None
) -> Tensor:
    """Scores `[n]` of the track's training images, as `forget_sets.lowest` and `highest` rank them."""
    import torch

    return torch.from_numpy(ScoreFile(path, data_hash(train), len(train)).values(score, epoch, networks))


def read_manifest(path: Path) -> ScoreManifest:
    """What the file says of itself; raises BadInputError where it can't be read."""
    again = "Delete it, and run the step that scores again."
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(archive.read(MANIFEST))
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist. Run the step that scores.") from None
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{path} can't be read as scores with a manifest ({error}). {again}") from None
    return validate(ScoreManifest, content, f"{MANIFEST} of {path}")


def _check_numbers(values: Scores, what: str) -> None:
    missing = int((~np.isfinite(values)).sum())
    if missing:
        raise BadInputError(
            f"{missing} of the {len(values)} scores {what} are not finite numbers: a network diverged. "
            f"Lower 'learning_rate' of the step that scores, and run it again."
        )
